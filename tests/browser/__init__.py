"""Journeys through a real node in a real browser."""
