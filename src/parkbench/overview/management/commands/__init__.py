"""The command brief."""
