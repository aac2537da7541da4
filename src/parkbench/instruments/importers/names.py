"""Makers as sheets name them."""

from __future__ import annotations

from typing import Any

from parkbench.catalogue.queries import LinkTargets


class MakerNames(dict[str, str]):
    """The makers that are here, found by any of their names, with or without legal form."""

    def __init__(self, targets: LinkTargets) -> None:
        super().__init__()
        self.targets = targets

    def __missing__(self, name: str) -> str:
        key = self.targets.maker_key(name)
        if key is None:
            raise KeyError(name)
        self[name] = key
        return key

    def get(self, name: str, default: Any = None) -> Any:
        """Return the maker's key, or the default when no maker bears the name."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self.targets.maker_key(str(name)) is not None


def leading_maker(text: str, targets: LinkTargets) -> str | None:
    """Return the words at the beginning of a text that name a maker, as written."""
    words = text.split()
    for count in range(min(len(words) - 1, 6), 0, -1):
        lead = " ".join(words[:count])
        if targets.maker_key(lead) is not None:
            return lead
    return None
