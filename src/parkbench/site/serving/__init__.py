"""Serving a node: one supervisor over one web process, one worker and one scheduler."""
