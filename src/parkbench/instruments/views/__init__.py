"""Pages of the machine park."""
