"""What nodes sign and send, against golden values: a changed byte here is a changed wire."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest

import envelopes as cast
from parkbench.envelope import (
    acknowledgements,
    bundles,
    documents,
    invitations,
    keys,
    listings,
    pages,
    tokens,
)
from parkbench.envelope.compression import unzip
from parkbench.envelope.errors import EnvelopeError

PATH = Path(__file__).parents[2] / "vectors" / "envelope.json"
VECTORS: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
ALPHA_KEYS, BETA_KEYS = [cast.ALPHA_PUBLIC], [cast.BETA_PUBLIC]


def read_document(text: str) -> Any:
    return documents.read_document(text.encode())


def read_rotated(text: str) -> Any:
    return documents.accept(cast.DOCUMENT, text.encode(), now=cast.ROTATED.issued_at)


def read_listing(text: str) -> Any:
    return listings.read_listing(
        text, keys=ALPHA_KEYS, iss=cast.ALPHA, aud=cast.BETA, nonce=cast.NONCE_SENT, now=cast.NOW
    )


def read_page(text: str) -> Any:
    return pages.read_page(
        text.encode(),
        keys=ALPHA_KEYS,
        iss=cast.ALPHA,
        audience=cast.CIRCLE,
        epoch=cast.EPOCH,
        after=0,
        now=cast.NOW,
    )


def read_token(text: str) -> Any:
    return tokens.read_token(
        text,
        keys_of=lambda iss, kid: cast.BETA_PUBLIC if iss == cast.BETA else None,
        aud=cast.ALPHA,
        htm="GET",
        htu=f"{cast.ALPHA}/exchange/v1/journals",
        now=cast.NOW,
    )


def read_receipt(text: str) -> Any:
    return acknowledgements.read_receipt(text, keys=BETA_KEYS, iss=cast.BETA, aud=cast.ALPHA, now=cast.NOW)


def read_invitation(text: str) -> Any:
    return invitations.read_code(text, now=cast.NOW)


def read_bundle(text: str) -> Any:
    file = io.BytesIO(base64.b64decode(text))
    bundle = bundles.read_bundle(file, keys=ALPHA_KEYS, iss=cast.ALPHA, aud=cast.BETA, now=cast.NOW)
    return bundle.listing, [item for page in bundle.pages for item in page.items]


READERS = {
    "document": (read_document, (cast.DOCUMENT, (cast.ALPHA_PUBLIC["kid"],))),
    "rotated": (read_rotated, cast.ROTATED),
    "recovered": (read_rotated, cast.ROTATED),
    "listing": (read_listing, cast.LISTING),
    # Of a node that says more of a group than we know (`may_keep`): what is not known is passed over.
    "listing_with_more": (read_listing, cast.LISTING),
    "token": (
        read_token,
        tokens.Token(cast.BETA, cast.BETA_PUBLIC["kid"], "token-0001", cast.NOW.replace(minute=4)),
    ),
    "receipt": (read_receipt, cast.RECEIPT),
    "invitation": (read_invitation, cast.INVITATION),
    "bundle_base64": (read_bundle, (cast.BUNDLE_LISTING, list(cast.ITEMS))),
}


@pytest.mark.parametrize("name", READERS)
def test_it_reads_the_golden_value_as_what_it_was(name: str) -> None:
    read, expected = READERS[name]
    assert read(VECTORS[name]) == expected


def test_it_reads_the_golden_page_and_each_body_byte_for_byte() -> None:
    page = read_page(VECTORS["page"])
    assert page.items == cast.ITEMS
    assert page.bad == ()
    assert [item.body for item in page.items if isinstance(item, pages.Item)] == [i.body for i in cast.LIVE]
    assert unzip([base64.b64decode(VECTORS["page_gzip_base64"])]).decode() == VECTORS["page"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("private_key", lambda: keys.private_jwk(cast.ALPHA_KEY)),
        ("thumbprint", lambda: cast.ALPHA_PUBLIC["kid"]),
        ("spoken", lambda: keys.spoken(cast.ALPHA_PUBLIC["kid"])),
        ("document", lambda: cast.document().decode()),
        (
            "rotated",
            lambda: documents.write_document(cast.ROTATED, [cast.NEXT_KEY, cast.ALPHA_KEY]).decode(),
        ),
        (
            "recovered",
            lambda: documents.write_document(cast.ROTATED, [cast.NEXT_KEY, cast.RECOVERY_KEY]).decode(),
        ),
        ("listing", lambda: listings.write_listing(cast.LISTING, cast.ALPHA_KEY)),
        ("page", lambda: unzip([cast.page()]).decode()),
        ("token", cast.token),
        ("receipt", lambda: acknowledgements.write_receipt(cast.RECEIPT, cast.BETA_KEY)),
        ("invitation", lambda: invitations.write_code(cast.INVITATION)),
        ("kept", lambda: invitations.stored(cast.INVITATION.secret)),
        ("answer", lambda: invitations.mac(cast.INVITATION.secret, cast.document())),
    ],
)
def test_it_writes_the_golden_value_again(name: str, written: Any) -> None:
    """A failure here means that the wire has changed: nodes of the last release could not read it."""
    assert written() == VECTORS[name]


@pytest.mark.parametrize("name", [*READERS, "page"])
def test_a_golden_value_that_was_changed_slightly_does_not_verify(name: str) -> None:
    """One character in 97 places of each value, swapped for another of the same alphabet.

    A bundle holds bytes that mean nothing to its reader (the node document, the fields of gzip's header that
    nobody reads): what comes through must be what was sent.
    """
    read, expected = READERS.get(name, (read_page, None))
    text = VECTORS[name]
    refused = 0
    for place in range(0, len(text), max(1, len(text) // 97)):
        changed = text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]
        try:
            found = read(changed)
        except EnvelopeError:
            refused += 1
        else:
            assert (name, found) == ("bundle_base64", expected), place
    assert refused >= (97 if name != "bundle_base64" else 60)


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    """RFC 8037, appendix A.3."""
    assert VECTORS["thumbprint"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_what_is_spoken_is_base32_in_another_alphabet() -> None:
    raw = base64.urlsafe_b64decode(VECTORS["thumbprint"] + "=")
    letters = base64.b32encode(raw[:20]).decode()
    ours = letters.translate(
        str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghjklmnpqrstuvwxyz23456789")
    )
    assert VECTORS["spoken"].replace(" ", "") == ours


def test_another_reader_cuts_the_bodies_out_as_the_docstring_says() -> None:
    """A reader that knows nothing of our code: two searches per line."""
    _, *lines = VECTORS["page"].encode().splitlines()
    bodies = [line[line.index(b',"body":') + 8 : line.rindex(b"}")] for line in lines if b',"body":' in line]
    assert bodies == [item.body for item in cast.LIVE]
    for line in lines:
        json.loads(line)
