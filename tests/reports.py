"""What a campaign says at its end: how many cases ran, and what was found."""

from __future__ import annotations

import sys

import pytest


def say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Write a line past what pytest captures, also when all is well."""
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")
