"""Instruments: the machine park."""
