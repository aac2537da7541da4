"""The documentation shows pictures that there are, and no picture lies about unused."""

from __future__ import annotations

import re

from browser.steps import PICTURES

LARGEST = 200_000
"""Bytes."""


def test_every_picture_is_shown_and_every_shown_picture_is_there() -> None:
    docs = PICTURES.parent
    shown = {
        (page.parent / found).resolve()
        for page in docs.rglob("*.md")
        for found in re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", page.read_text(encoding="utf-8"))
    }
    kept = {path.resolve() for path in PICTURES.glob("*.png")}
    assert shown == kept
    assert [path.name for path in kept if path.stat().st_size > LARGEST] == []
