"""A node of its own for every test: its folder, its key, nobody remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

import cast
from parkbench.exchange.services import limits
from parkbench.records import services
from parkbench.records.models import Audience
from peers import settle_here


@pytest.fixture
def home(settings, tmp_path: Path) -> Path:
    """The folder of the node."""
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def node(db, home: Path) -> Iterator[None]:
    """Node alpha, with its key and its document."""
    settle_here()
    for limit in (limits.BY_ADDRESS, limits.BY_PARTNER, limits.PINGS, limits.RECEIPTS):
        limit.forget()
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def public() -> Audience:
    return Audience.objects.get(bit=0)


@pytest.fixture
def partners() -> Audience:
    return Audience.objects.get(bit=1)


@pytest.fixture
def circle() -> Audience:
    return services.add_audience(sort=Audience.Sort.CIRCLE, name="Nordic imaging", by=cast.OPERATOR)


@pytest.fixture
def other_circle() -> Audience:
    return services.add_audience(sort=Audience.Sort.CIRCLE, name="Benelux imaging", by=cast.OPERATOR)
