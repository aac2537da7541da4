"""The bytes that cross the border between nodes: bodies, digests, fingerprints. No Django, no other room."""
