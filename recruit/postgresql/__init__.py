"""Django's PostgreSQL, that gives up on a server that says nothing."""
