"""Use and downtime of instruments, month by month."""
