"""Writes of the exchange: keys, partners, pulls, receipts."""
