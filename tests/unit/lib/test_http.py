"""Asking other machines: one deadline, hard limits, no redirects, and only the address that was checked."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from parkbench.lib import http
from parkbench.lib.addresses import LOOPBACK, Reach
from parkbench.lib.http import Unanswered, line

NEAR = Reach(schemes=frozenset({"http"}), ports=None, networks=LOOPBACK)


@contextmanager
def answering(*parts, pause=0.0):
    """A server that answers every request with these bytes, piece by piece; tells what was asked."""
    asked = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    while data := connection.recv(65536):
                        asked.append(data)
                        for part in parts:
                            connection.sendall(part)
                            time.sleep(pause)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    listener.close()


def whole(body: bytes, status: str = "200 OK", *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more, "", ""]
    return "\r\n".join(lines).encode() + body


def test_it_asks_and_reads_over_one_connection():
    with answering(whole(b"hello")) as (url, asked), line(url, NEAR) as opened:
        for path in ("/one", "/two"):
            reply = opened.ask("GET", path, limit=100, seconds=5)
            assert (reply.status, reply.content) == (200, b"hello")
        assert opened.request_count == 2
        assert opened.byte_count == 10
    assert asked[0].startswith(b"GET /one HTTP/1.1\r\n")
    assert f"Host: {url.removeprefix('http://')}".encode() in asked[0]


@pytest.mark.parametrize(
    "reply",
    [
        whole(b"hello", "200 OK", "Connection: close"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_a_server_that_closes_after_each_reply_is_asked_on(reply):
    with answering(reply) as (url, asked), line(url, NEAR) as opened:
        said = [opened.ask("GET", path, limit=100, seconds=5).content for path in ("/one", "/two", "/three")]
    assert said == [b"hello"] * 3
    assert len(asked) == 3


def test_it_does_not_follow_a_redirect():
    moved = whole(b"", "302 Found", "Location: http://127.0.0.1:1/")
    with answering(moved) as (url, asked), line(url, NEAR) as opened:
        assert opened.ask("GET", "/", limit=100, seconds=5).status == 302
    assert len(asked) == 1


@pytest.mark.parametrize(
    "parts",
    [
        (whole(b"x" * 101),),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"40\r\n" + b"x" * 64 + b"\r\n"] * 9),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 101),
    ],
)
def test_it_reads_no_more_than_the_limit(parts):
    refused = pytest.raises(Unanswered, match="more than the 100 bytes")
    with answering(*parts) as (url, _), line(url, NEAR) as opened, refused:
        opened.ask("GET", "/", limit=100, seconds=5)


@pytest.mark.parametrize(
    "parts",
    [
        [bytes([one]) for one in whole(b"x" * 50)],
        [b"HTTP/1.1 200 OK\r\n", *[b"X-More: y\r\n"] * 200],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *[b"x"] * 200],
    ],
    ids=["headers byte by byte", "headers without end", "a body that drips"],
)
def test_one_deadline_holds_for_all_of_a_reply(parts):
    with answering(*parts, pause=0.05) as (url, _), line(url, NEAR) as opened:
        began = time.monotonic()
        with pytest.raises(Unanswered, match=r"did not answer within|could not be reached"):
            opened.ask("GET", "/", limit=10_000, seconds=0.5)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 20x OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
)
def test_damaged_replies_are_refused_in_words(reply):
    with closing_after(reply) as url, line(url, NEAR) as opened, pytest.raises(Unanswered):
        opened.ask("GET", "/", limit=100, seconds=3)


@contextmanager
def closing_after(reply: bytes):
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread.join(3)
    listener.close()


def test_nobody_listening_is_told_in_words():
    with (
        line("http://127.0.0.1:1024", NEAR) as opened,
        pytest.raises(Unanswered, match="could not be reached"),
    ):
        opened.ask("GET", "/", limit=100, seconds=2)


def test_the_connection_goes_to_the_checked_address_whatever_the_name_says_later(monkeypatch):
    with answering(whole(b"here")) as (url, _):
        port = int(url.rpartition(":")[2])
        answers = [[(2, 1, 6, "", ("127.0.0.1", port))], [(2, 1, 6, "", ("127.66.66.66", port))]]
        look_up = socket.getaddrinfo

        def turncoat(host, *more, **named):
            return answers.pop(0) if host == "beta.example" else look_up(host, *more, **named)

        monkeypatch.setattr(socket, "getaddrinfo", turncoat)
        with line(f"http://beta.example:{port}", NEAR) as opened:
            assert opened.ask("GET", "/", limit=100, seconds=5).content == b"here"
        assert len(answers) == 1, "looked up once, at the check"


def test_a_proxy_of_the_surroundings_is_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering(whole(b"direct")) as (url, _), line(url, NEAR) as opened:
        assert opened.ask("GET", "/", limit=100, seconds=5).content == b"direct"


def test_the_agent_does_not_tell_a_version():
    assert http.AGENT == "Parkbench"
