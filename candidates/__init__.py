"""What a prospective candidate touches, and what staff do with them: all personal data lives here."""
