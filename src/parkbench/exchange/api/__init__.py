"""What other nodes ask for: docs/reference/protocol.md says every request, reply and refusal."""
