"""Search: what a viewer may see and asks for, by kind, in an order that nothing hidden can change."""

from parkbench.search.queries.found import PAGE, Group, Hit, Results, search, suggestions

__all__ = ["PAGE", "Group", "Hit", "Results", "search", "suggestions"]
