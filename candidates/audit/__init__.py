"""Holds what the database says against what must be true. Nothing of what it checks is used here:

its SQL is its own, so that a wrong fold, sweep or sign-up can't hide itself.
"""
