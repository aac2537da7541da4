"""Parkbench: keep a research infrastructure up to date, together with its partners."""
