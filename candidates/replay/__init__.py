"""The day, driven over HTTP as the public would: for the demo and for tests."""
