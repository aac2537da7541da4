"""Operator commands of the node as a whole."""
