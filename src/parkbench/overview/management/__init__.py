"""Operator commands of the overview."""
