"""The exchange: partners, and the journals that nodes read from each other."""
