"""Reads on services and capabilities: every one takes the viewer."""
