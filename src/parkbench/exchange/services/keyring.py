"""The private halves of this node's keys: files in its folder that only their owner reads, in no database."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from parkbench.envelope import keys as jose
from parkbench.envelope.errors import EnvelopeError
from parkbench.exchange.models import NodeKey
from parkbench.lib.errors import Refused
from parkbench.lib.private import write_private


def folder() -> Path:
    """Return the folder of the private halves."""
    return Path(settings.HOME) / "keys"


def path_of(kid: str) -> Path:
    """Return the file of one private half."""
    return folder() / f"{kid}.json"


def make_signing_key() -> NodeKey:
    """This function will make a key: first its file, then its row; a file without a row does no harm."""
    key = jose.new_key()
    public = jose.public_jwk(key)
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path_of(public["kid"]), json.dumps(jose.private_jwk(key)) + "\n")
    return NodeKey.objects.create(
        kid=public["kid"], sort=NodeKey.Sort.SIGNING, public=public, made_at=timezone.now()
    )


def has_private(kid: str) -> bool:
    """Tell whether the private half of a key lies in the folder."""
    return path_of(kid).is_file()


def private_key(kid: str) -> jose.Key:
    """Return the private half of a key; raises Refused, with what to do, when it is not there or damaged."""
    path = path_of(kid)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise Refused(
            f"The private half of the key {kid} cannot be read from {path}. Put the file back from a backup, "
            "or make a new key with the recovery sheet: parkbench keys recover FILE"
        ) from error


def forget(kid: str) -> None:
    """This function will remove the private half of a key that signs nothing any more."""
    path_of(kid).unlink(missing_ok=True)


@lru_cache(maxsize=32)
def _read(path: Path, _written: int) -> jose.Key:
    try:
        return jose.read_private(json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, EnvelopeError) as error:
        raise ValueError("no private key") from error
