"""What the envelope refuses: every error carries one sentence that says which rule is broken."""


class EnvelopeError(ValueError):
    """Bytes or values that break a rule of the exchange; the text is for people."""


class NotVerified(EnvelopeError):  # noqa: N818 - the house's words
    """No key that counts has signed these bytes for this purpose."""


class NotForUs(EnvelopeError):  # noqa: N818
    """Well signed, but from, for or about something else than was asked."""


class OutOfTime(EnvelopeError):  # noqa: N818
    """Well signed, but too old, expired, or from the future; often a wrong clock."""


class RolledBack(EnvelopeError):  # noqa: N818
    """An older number than the one already known."""


class KeyChanged(EnvelopeError):  # noqa: N818
    """A node document that neither a pinned key nor the recovery key has signed: verify by hand."""


class TooLarge(EnvelopeError):  # noqa: N818
    """More bytes, lines or levels than the exchange allows."""


class Mistyped(EnvelopeError):  # noqa: N818
    """A code that somebody copied wrongly: its check sum does not fit."""
