"""What this node says of itself to others."""

from __future__ import annotations

from dataclasses import dataclass

from parkbench.envelope.documents import NodeDocument, read_document
from parkbench.envelope.keys import spoken
from parkbench.exchange.services.documents import current_document


@dataclass(frozen=True, slots=True)
class Ourselves:
    """This node's document as it is served, and the key by which others know it."""

    document: NodeDocument
    written: bytes
    thumbprint: str

    @property
    def fingerprint(self) -> str:
        """The key as two people read it to each other: 8 groups of 4."""
        return spoken(self.thumbprint)


def ourselves() -> Ourselves:
    """This function will return what this node says of itself; its first key is made when there is none."""
    written = current_document()
    document, signers = read_document(written)
    return Ourselves(document, written, signers[0])
