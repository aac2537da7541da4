"""What the pages of the overview show."""
