"""How the pages of stewardship read: lists of reviews, levels of completeness, calendars."""
