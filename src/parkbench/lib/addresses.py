"""Which addresses of other machines this one may connect to, told before a connection is made.

Somebody who names an address to us must not be able to make us talk to what only we can reach: ourselves, our
neighbours, a cloud's metadata service. So only addresses of the open internet are allowed, and none of the
forms in which an IPv6 address carries an IPv4 one. Source of the ranges: the IANA special-purpose address
registries (RFC 6890), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380), ISATAP (RFC 5214).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from parkbench.lib.errors import Invalid, Problem, Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: tuple[Network, ...] = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))

FORBIDDEN: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
    )
)
OPEN_IPV6 = ipaddress.IPv6Network("2000::/3")
FORBIDDEN_IPV6: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
        # Outside 2000::/3 anyway, but said aloud: NAT64, IPv4-mapped and -compatible, unique and link local.
        *("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0/96", "::/96", "fc00::/7", "fe80::/10", "fec0::/10"),
        "ff00::/8",
    )
)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?", re.ASCII).fullmatch
_ISATAP = ((0x0000, 0x5EFE), (0x0200, 0x5EFE))
DEFAULT_PORTS = {"https": 443, "http": 80}


class Unreachable(Refused):
    """An address that this node does not connect to."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be connected to: schemes, ports (None: any from 1024 on), and networks that are named."""

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] | None = frozenset({443, 8443})
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads, once it was checked: the one address that a connection is pinned to."""

    scheme: str
    host: str
    port: int
    address: str


def is_open(address: Address, networks: Iterable[Network] = ()) -> bool:
    """Tell whether an address lies in the open internet, or in one of ``networks``."""
    if any(address.version == network.version and address in network for network in networks):
        return True
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in FORBIDDEN)
    if address not in OPEN_IPV6 or any(address in network for network in FORBIDDEN_IPV6):
        return False
    words = (int(address) >> 48 & 0xFFFF, int(address) >> 32 & 0xFFFF)
    return words not in _ISATAP


def check_url(url: str, reach: Reach) -> tuple[str, str, int]:
    """Return (scheme, host, port) of a URL; raise Invalid or Unreachable before anything is looked up."""
    expected = "an address such as https://parkbench.institute.example"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid(Problem("address", url, expected)) from error
    if re.search(r"[\s\\\x00-\x1f\x7f]", url) or "@" in parts.netloc or "%" in parts.netloc:
        raise Invalid(Problem("address", url, expected))
    if parts.scheme not in reach.schemes:
        words = " or ".join(sorted(reach.schemes))
        raise Unreachable(f"Partners are reached by {words} only, not by “{parts.scheme}”.")
    is_ipv6 = parts.netloc.startswith("[")
    if not (is_ipv6 or _HOST(host)):
        raise Invalid(Problem("address", url, expected))
    port = port or DEFAULT_PORTS[parts.scheme]
    is_listed = port >= 1024 if reach.ports is None else port in reach.ports
    if not is_listed and port != DEFAULT_PORTS[parts.scheme]:
        raise Unreachable(
            f"Port {port} is not one that partners are reached at. PARKBENCH_PARTNER_PORTS names those."
        )
    return parts.scheme, host, port


def locate(url: str, reach: Reach) -> Place:
    """Look the host up once and return the checked place, connecting to nothing; raise Invalid, Unreachable.

    When any of its addresses is not allowed, none is used: a name that leads to both is no partner's.
    """
    scheme, host, port = check_url(url, reach)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The name {host} cannot be looked up. Check the address, or try later.") from error
    addresses = list(dict.fromkeys(str(where[4][0]) for where in found))
    for text in addresses:
        if "%" in text or not is_open(ipaddress.ip_address(text), reach.networks):
            raise Unreachable(
                f"{host} leads to {text}, which is not in the open internet. If that partner is on your own "
                "network, name its network in PARKBENCH_PARTNER_NETWORKS."
            )
    if not addresses:
        raise Unreachable(f"The name {host} leads nowhere.")
    return Place(scheme, host, port, addresses[0])
