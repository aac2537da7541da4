"""The cast of the wire: nodes with fixed keys, and one good object of each kind that crosses the border."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from parkbench.envelope import keys
from parkbench.envelope.acknowledgements import Receipt
from parkbench.envelope.bundles import NONCE, write_bundle
from parkbench.envelope.documents import NodeDocument, write_document
from parkbench.envelope.fingerprint import fingerprint_of, to_hex
from parkbench.envelope.invitations import Invitation
from parkbench.envelope.listings import JournalState, Listing, write_listing
from parkbench.envelope.pages import Gone, Item, write_page
from parkbench.envelope.tokens import write_token

NOW = datetime(2026, 11, 28, 14, 3, 7, tzinfo=UTC)
ALPHA, BETA, GAMMA = "https://alpha.example", "https://beta.example", "https://gamma.example"
EPOCH = "Zp3xk1"
NONCE_SENT = "nonce-of-beta-0001"
CIRCLE = "7b0c9c5e-5a51-4a43-9f0e-0a8f3a9d6c11"


def key_of(seed: str) -> keys.Key:
    """Return the private key made of a text: the same on every run, secret to nobody."""
    return keys.OKPKey.import_key(
        keys.OKPKey.binding.from_private_bytes("Ed25519", seed.encode().ljust(32, b".")[:32])
    )


# The key of RFC 8037, appendix A.1: its thumbprint stands there too.
ALPHA_JWK = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
}
ALPHA_KEY = keys.read_private(ALPHA_JWK)
NEXT_KEY, RECOVERY_KEY = key_of("alpha, the next key"), key_of("alpha, offline in a safe")
BETA_KEY, GAMMA_KEY = key_of("beta"), key_of("gamma, the stranger")
ALPHA_PUBLIC, NEXT_PUBLIC, RECOVERY_PUBLIC, BETA_PUBLIC, GAMMA_PUBLIC = map(
    keys.public_jwk, (ALPHA_KEY, NEXT_KEY, RECOVERY_KEY, BETA_KEY, GAMMA_KEY)
)

DOCUMENT = NodeDocument(
    id=ALPHA,
    number=3,
    issued_at=NOW,
    expires_at=NOW + timedelta(days=7),
    organisation="Ångströms institut för växt och djur",
    exchange_url="https://exchange.alpha.example/exchange/v1",
    keys=(ALPHA_PUBLIC,),
    ror="https://ror.org/05f950310",
    mailbox="parkbench@alpha.example",
    revoked={BETA_PUBLIC["kid"]: NOW - timedelta(days=90)},
    recovery_thumbprint=RECOVERY_PUBLIC["kid"],
    versions=(1,),
    limits={"page_bytes": 8 * 1024 * 1024, "page_items": 500},
    is_public_authority=True,
)
ROTATED = replace(DOCUMENT, number=4, issued_at=NOW + timedelta(days=1), keys=(NEXT_PUBLIC,))

LISTING = Listing(
    iss=ALPHA,
    aud=BETA,
    nonce=NONCE_SENT,
    number=41,
    iat=NOW,
    state="active",
    journals=(
        JournalState("public", EPOCH, 0, 0, "0" * 64),
        JournalState(
            CIRCLE,
            EPOCH,
            9,
            2,
            "a1" * 32,
            lease_days=14,
            sort="group",
            name="Ljusmikroskopi i Öresund",
            purpose="Planera gemensamt",
        ),
    ),
)

ITEMS: tuple[Item | Gone, ...] = (
    Item(
        4,
        "instrument",
        UUID("123e4567-e89b-42d3-a456-426614174000"),
        "basics",
        3,
        1,
        NOW - timedelta(days=2),
        '{"name":"Mikroskop för färg, åäö ÅÄÖ","serial":"A-1"}'.encode(),
    ),
    Gone(7, UUID("00000000-0000-4000-8000-000000000001"), "contact", "unit"),
    # As another program wrote it: blanks, escapes, another order. These are the bytes that count.
    Item(
        9,
        "device-model",
        UUID("9b2f0c7a-51de-4f3a-8e0b-5d3d5e7a1c22"),
        "economics",
        12,
        2,
        NOW,
        b'{ "z": 1, "a": [true, null, "\\u00e5"], "note": ",\\"body\\":" }',
    ),
)
LIVE = [item for item in ITEMS if isinstance(item, Item)]
FINGERPRINT = to_hex(fingerprint_of((item.kind, item.uid, item.section, item.digest) for item in LIVE))

RECEIPT = Receipt(BETA, ALPHA, CIRCLE, EPOCH, 9, 1, 0, 2, FINGERPRINT, NOW, "receipt-0001")
INVITATION = Invitation(ALPHA, ALPHA_PUBLIC["kid"], bytes(range(16)), NOW + timedelta(days=7))


def page(**changed: object) -> bytes:
    """Return the page of ITEMS, gzipped, or one that differs as told."""
    given: dict[str, object] = {
        "iss": ALPHA,
        "audience": CIRCLE,
        "epoch": EPOCH,
        "after": 0,
        "upto": 9,
        "head": 9,
        "iat": NOW,
        "items": ITEMS,
        "lease_days": 14,
        "count": 2,
        "fingerprint": FINGERPRINT,
    }
    return write_page(ALPHA_KEY, **given | changed)  # type: ignore[arg-type]


def document() -> bytes:
    """Return DOCUMENT, signed by its key."""
    return write_document(DOCUMENT, [ALPHA_KEY])


def token() -> str:
    """Return a token of beta for one request to alpha."""
    return write_token(
        BETA_KEY,
        iss=BETA,
        aud=ALPHA,
        htm="GET",
        htu=f"{ALPHA}/exchange/v1/journals?have=x",
        now=NOW,
        jti="token-0001",
    )


BUNDLE_LISTING = replace(
    LISTING,
    nonce=NONCE,
    journals=(
        JournalState("public", EPOCH, 0, 0, "0" * 64),
        JournalState(CIRCLE, EPOCH, 9, 2, FINGERPRINT, lease_days=14),
    ),
)


def bundle(listing: Listing = BUNDLE_LISTING) -> bytes:
    """Return a bundle of two journals: one empty, one in two pages."""
    out = io.BytesIO()
    empty = page(audience="public", upto=0, head=0, items=(), count=0, fingerprint="0" * 64)
    first = page(upto=7, items=ITEMS[:2], count=None, fingerprint=None)
    last = page(after=7, items=ITEMS[2:])
    write_bundle(
        out,
        listing=write_listing(listing, ALPHA_KEY),
        pages=[("public", empty), (CIRCLE, first), (CIRCLE, last)],
        document=document(),
    )
    return out.getvalue()
