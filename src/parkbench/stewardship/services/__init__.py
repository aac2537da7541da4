"""Writes on reviews, handovers, mails and calendars."""
