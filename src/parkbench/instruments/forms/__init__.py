"""Forms of the machine park."""
