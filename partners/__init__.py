"""What a partner organisation touches, and the numbers everyone sees: no personal data of candidates."""
