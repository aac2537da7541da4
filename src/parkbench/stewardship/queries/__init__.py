"""Reads on reviews, completeness, handovers, mails and calendars."""
