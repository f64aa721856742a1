"""What a partner touches, and the numbers everyone sees: no personal data of candidates."""
