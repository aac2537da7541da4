"""The navigation registry: rooms add their entry in `apps.py`, the page draws those the viewer may use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.http import HttpRequest
from django.urls import reverse

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString


class Asker(Protocol):
    """Whoever looks at the page, as far as navigation needs to know them."""

    def may(self, right: str, /) -> bool:
        """Return whether this viewer holds the right for the whole node."""

    def may_somewhere(self, right: str, /) -> bool:
        """Return whether this viewer holds the right on anything at all, such as one unit."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the main navigation; for everyone, or for holders of a right: `may` for the whole node,
    `may_somewhere` on anything at all.
    """

    label: str | _StrPromise
    url_name: str
    order: int
    may: str | None = None
    may_somewhere: str | None = None


@dataclass(frozen=True, slots=True)
class NavLink:
    """An entry as drawn for one request."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in and where they sign out (POST); `links` are (label, address) of the account menu."""

    name: str
    sign_out_url: str
    detail: str = ""
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Face:
    """What the head of a page says to programs: its one address, a sentence, and data as JSON text.

    `data` is drawn as it is: `<`, `>` and `&` must be written as escapes of JSON.
    """

    canonical: str = ""
    description: str = ""
    data: SafeString | str = ""


@dataclass(frozen=True, slots=True)
class Masthead:
    """What header and footer say of this node; an address left None leaves its part of the page out.

    `face` is there on pages of public records. `viewing_as` names the audience whose eyes one has borrowed; a
    POST to `stop_viewing_url` ends it.
    """

    name: str
    is_sample: bool
    responsible: str
    node_id: str
    version: str = ""
    home_url: str = "/"
    responsible_url: str | None = None
    search_url: str | None = None
    sign_in_url: str | None = None
    account: Account | None = None
    viewing_as: str = ""
    stop_viewing_url: str | None = None
    face: Face | None = None


MastheadProvider = Callable[[HttpRequest], Masthead]

_items: dict[str, NavItem] = {}
_providers: list[MastheadProvider] = []


def add(item: NavItem) -> None:
    """Add an entry; adding the same `url_name` again replaces it, so that apps may load twice."""
    _items[item.url_name] = item


def items(request: HttpRequest) -> list[NavLink]:
    """Return the entries this request's viewer may use, in order, with the one being shown marked.

    Raises `NoReverseMatch` when an entry names an address that does not exist.
    """
    viewer: Asker | None = getattr(request, "viewer", None)
    allowed = [item for item in _items.values() if _is_allowed(item, viewer)]
    allowed.sort(key=lambda item: (item.order, item.url_name))
    addressed = [(item, reverse(item.url_name)) for item in allowed]
    current = current_url([url for _, url in addressed], path=request.path)
    return [NavLink(str(item.label), url, url == current) for item, url in addressed]


def current_url(urls: Sequence[str], *, path: str) -> str | None:
    """Return the longest of `urls` that `path` lies under; the root counts only for itself."""
    under = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(under, key=len, default=None)


def register_masthead(provider: MastheadProvider) -> None:
    """Name the callable that fills header and footer; the last one registered is used."""
    _providers[:] = [provider]


def masthead(request: HttpRequest) -> Masthead:
    """Return what header and footer say; a nameless node when no provider is registered."""
    if not _providers:
        return Masthead(name="Parkbench", is_sample=False, responsible="", node_id="")
    return _providers[0](request)


def _is_allowed(item: NavItem, viewer: Asker | None) -> bool:
    """Return whether the viewer holds what the entry asks for."""
    if item.may is None and item.may_somewhere is None:
        return True
    if viewer is None:
        return False
    is_node_wide = item.may is not None and viewer.may(item.may)
    return is_node_wide or (item.may_somewhere is not None and viewer.may_somewhere(item.may_somewhere))
