"""Service events of instruments: what happened, days down, costs."""
