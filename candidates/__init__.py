"""What a candidate touches, and what staff do with it: personal data lives here alone."""
