"""Matching of names to device models, and of pairs of described things: pure, without Django."""
