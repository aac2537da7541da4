"""Nodes that live as long as the run: alpha and beta are partners, gamma is there when a third is needed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import living
from living import Node


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nodes are made once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "node-templates"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def two(templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    with living.living(tmp_path_factory.mktemp("two"), templates, "alpha", "beta") as (alpha, beta):
        yield alpha, beta


@pytest.fixture(scope="session")
def third(templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with living.living(tmp_path_factory.mktemp("third"), templates, "gamma") as (gamma,):
        yield gamma


@pytest.fixture
def pair(two: tuple[Node, Node]) -> tuple[Node, Node]:
    """Alpha and beta, partners, whatever a test before did to them; the policy shares nothing."""
    for node in two:
        _as_before(node)
    living.befriend(*two)
    return two


@pytest.fixture
def gamma(third: Node, pair: tuple[Node, Node]) -> Node:
    """A third node, partner of alpha."""
    _as_before(third)
    living.befriend(pair[0], third)
    return third


def _as_before(node: Node) -> None:
    node.clock(0)
    node.do("past_refusals")
    node.do("forget_policy")
