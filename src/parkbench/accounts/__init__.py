"""Accounts: persons, roles, grants, sign-in."""
