"""Asking other machines over HTTP: a checked and pinned address, no redirects, limits on time and size."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpcore

from parkbench.lib.addresses import Place, Reach, locate
from parkbench.lib.errors import Refused

AGENT = "Parkbench"
CHUNK = 65_536


class Unanswered(Refused):
    """The other side did not answer as agreed; nothing of what it sent was used."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, headers by lower-case name, the bytes as they were sent."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass
class _Clock:
    """One deadline for a whole request, whatever the number of reads it takes."""

    until: float = 0.0

    def left(self) -> float:
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the deadline is over")
        return seconds


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends with the request's deadline."""

    def __init__(self, inner: httpcore.NetworkStream, clock: _Clock) -> None:
        self.inner, self.clock = inner, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, self.clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, self.clock.left())

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, self.clock.left()), self.clock)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


class _Pinned(httpcore.NetworkBackend):
    """Connects to the address that was checked, whatever the name would lead to by now."""

    def __init__(self, place: Place, clock: _Clock) -> None:
        self.place, self.clock = place, clock
        self.inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        if (host, port) != (self.place.host, self.place.port):
            raise httpcore.ConnectError("this connection is pinned to another place")
        stream = self.inner.connect_tcp(self.place.address, port, min(10.0, self.clock.left()))
        return _Stream(stream, self.clock)


@dataclass
class Line:
    """A connection to one place, kept open over several requests; counts what it cost.

    Where the other side closes it after a reply, the next request opens another, to the same address.
    """

    place: Place
    clock: _Clock = field(default_factory=_Clock)
    request_count: int = field(default=0)
    byte_count: int = field(default=0)

    def __post_init__(self) -> None:
        self.connection = _connection(self.place, self.clock)

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        limit: int,
        seconds: float,
    ) -> Reply:
        """Send one request and return the reply, whatever its status; a redirect is a reply like any other.

        ``limit`` is the most bytes of body that are read, ``seconds`` the time for all of it. Raises
        Unanswered in words.
        """
        self.clock.until = time.monotonic() + seconds
        self.request_count += 1
        if self.connection.is_closed() or self.connection.has_expired():
            self.connection.close()
            self.connection = _connection(self.place, self.clock)
        url = f"{self.place.scheme}://{_written(self.place)}{path}"
        sent = {"Host": _written(self.place), "User-Agent": AGENT, "Accept-Encoding": "gzip"}
        sent |= dict(headers or {})
        if content or method == "POST":
            sent["Content-Length"] = str(len(content))
        try:
            with self.connection.stream(method, url, headers=list(sent.items()), content=content) as reply:
                found = {
                    name.decode("latin-1").lower(): value.decode("latin-1") for name, value in reply.headers
                }
                return Reply(reply.status, found, self._body(reply.iter_stream(), limit))
        except (httpcore.TimeoutException, TimeoutError) as error:
            raise Unanswered(f"{self.place.host} did not answer within {seconds:.0f} s.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise Unanswered(f"{self.place.host} could not be reached: {_said(error)}.") from error

    def _body(self, parts: Iterator[bytes], limit: int) -> bytes:
        """Read the body as it comes, and no more of it than the limit."""
        pieces, total = [], 0
        for part in parts:
            total += len(part)
            self.byte_count += len(part)
            if total > limit:
                raise Unanswered(f"{self.place.host} sent more than the {limit} bytes that are read at most.")
            pieces.append(part)
        return b"".join(pieces)


def _written(place: Place) -> str:
    """Return host and port as a URL has them."""
    host = f"[{place.host}]" if ":" in place.host else place.host
    is_usual = place.port == {"https": 443, "http": 80}[place.scheme]
    return host if is_usual else f"{host}:{place.port}"


def _said(error: BaseException) -> str:
    return str(error)[:120] or type(error).__name__


@contextmanager
def line(url: str, reach: Reach) -> Iterator[Line]:
    """Open a line to the place of a URL, looked up and checked once; the first request connects it.

    Raises Invalid and Unreachable before anything is connected to.
    """
    opened = Line(locate(url, reach))
    try:
        yield opened
    finally:
        opened.connection.close()


def _connection(place: Place, clock: _Clock) -> httpcore.HTTPConnection:
    return httpcore.HTTPConnection(
        httpcore.Origin(place.scheme.encode(), place.host.encode("ascii"), place.port),
        ssl_context=ssl.create_default_context() if place.scheme == "https" else None,
        network_backend=_Pinned(place, clock),
        http1=True,
        http2=False,
        keepalive_expiry=30.0,
    )
