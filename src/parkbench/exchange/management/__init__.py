"""Operator commands of the exchange."""
