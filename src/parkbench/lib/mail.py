"""How this node sends mail: one address such as smtp+starttls://user:password@host, read into settings."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from parkbench.lib.env import BadSetting

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
BACKENDS = "django.core.mail.backends"
ALLOWED = (
    "smtp://host:25, smtp+starttls://user:password@host:587, smtps://user:password@host:465, "
    "console:// or file:///folder"
)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """What Django needs to send mail; ``is_set`` is false on a node that sends none."""

    backend: str = f"{BACKENDS}.dummy.EmailBackend"
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    is_starttls: bool = False
    is_tls: bool = False
    folder: str | None = None
    is_set: bool = False


def mail_settings(url: str, *, name: str = "PARKBENCH_MAIL_URL") -> MailSettings:
    """Read a mail address; an empty one sends nothing.

    Raises BadSetting, which never shows the address: it may hold a password.
    """
    if not url:
        return MailSettings()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadSetting(name, None, ALLOWED) from error
    if parts.scheme == "console":
        return MailSettings(backend=f"{BACKENDS}.console.EmailBackend", is_set=True)
    if parts.scheme == "file" and not parts.netloc and Path(parts.path).is_absolute():
        return MailSettings(backend=f"{BACKENDS}.filebased.EmailBackend", folder=parts.path, is_set=True)
    if parts.scheme not in PORTS or not parts.hostname or port == 0 or _has_more(parts):
        raise BadSetting(name, None, ALLOWED)
    return MailSettings(
        backend=f"{BACKENDS}.smtp.EmailBackend",
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_starttls=parts.scheme == "smtp+starttls",
        is_tls=parts.scheme == "smtps",
        is_set=True,
    )


def _has_more(parts: SplitResult) -> bool:
    """Tell whether an address says anything that would be left unread."""
    return bool(parts.path.strip("/") or parts.query or parts.fragment)
