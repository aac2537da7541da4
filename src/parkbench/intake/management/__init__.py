"""Operator commands of importing."""
