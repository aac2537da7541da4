"""The link by which one enters the sample node as its director: once, and only there."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from parkbench.accounts.models import Person
from parkbench.accounts.queries import person_by_email
from parkbench.lib.errors import NotFound
from parkbench.lib.private import write_private
from parkbench.records.queries import own_home
from parkbench.site import node
from parkbench.site.demo import first, second

DIRECTORS = (first.DIRECTOR, second.DIRECTOR)
FILE = "demo_link"
"""Keeps the SHA-256 of the link's secret, in the node's folder, until the link is used."""
GONE = "This link was used already. Start the sample node again for a new one: parkbench demo"


def new_secret(home: Path | None = None) -> str:
    """Return a new secret for the link, to the node in this folder; the one before it opens nothing more."""
    secret = secrets.token_urlsafe(24)
    path = (home or node.home()) / FILE
    path.unlink(missing_ok=True)
    write_private(path, _digest(secret))
    return secret


def enter(secret: str) -> Person:
    """Spend the secret and return the director; raise NotFound unless it opens this very sample node."""
    path = node.home() / FILE
    if not own_home().is_sample:
        raise NotFound("There is no such page.")
    kept = path.read_text(encoding="utf-8") if path.is_file() else ""
    director = next(filter(None, (person_by_email(email=email) for email in DIRECTORS)), None)
    if director is None or not hmac.compare_digest(kept, _digest(secret)):
        raise NotFound(GONE)
    path.unlink(missing_ok=True)
    return director


def is_inside(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether this is the director of a sample node already: using the link twice is no error."""
    return isinstance(user, Person) and user.email in DIRECTORS and own_home().is_sample


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
