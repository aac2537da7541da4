"""Reads on instruments."""
