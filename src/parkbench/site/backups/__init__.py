"""Backups: one file that holds a node, and putting it back."""
