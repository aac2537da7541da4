"""Which addresses are connected to: the open internet, and nothing that only this machine can reach."""

import ipaddress
import socket

import pytest

from parkbench.lib.addresses import LOOPBACK, Reach, Unreachable, is_open, locate
from parkbench.lib.errors import Invalid, Refused

CLOSED = (
    # this machine, in every spelling that a resolver understands
    *("https://127.0.0.1", "https://127.1", "https://127.0.1", "https://127.255.255.254", "https://0.0.0.0"),
    *("https://0", "https://2130706433", "https://0x7f000001", "https://0x7f.1", "https://0177.0.0.1"),
    *(
        "https://017700000001",
        "https://localhost",
        "https://LOCALHOST",
        "https://localhost.",
        "https://[::1]",
    ),
    *("https://[::]", "https://[0:0:0:0:0:0:0:1]", "https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]"),
    *("https://[::127.0.0.1]", "https://[64:ff9b::127.0.0.1]", "https://[64:ff9b::7f00:1]"),
    *("https://[64:ff9b:1::7f00:1]", "https://[2002:7f00:1::]", "https://[2002:7f00:0001::1]"),
    *("https://[2001:0:7f00:1::]", "https://[2001:0:1::80ff:fffe]", "https://[2a00:1450::5efe:7f00:1]"),
    *("https://[2a00:1450::200:5efe:7f00:1]", "https://[::ffff:0:127.0.0.1]"),
    # private networks
    *("https://10.0.0.1", "https://10.255.255.255", "https://172.16.0.1", "https://172.31.255.254"),
    *("https://192.168.0.1", "https://192.168.255.255", "https://100.64.0.1", "https://100.127.255.254"),
    *("https://0xa.0.0.1", "https://167772161", "https://012.0.0.1", "https://[::ffff:10.0.0.1]"),
    *("https://[::ffff:192.168.1.1]", "https://[64:ff9b::a00:1]", "https://[64:ff9b::192.168.0.1]"),
    *("https://[2002:a00:1::]", "https://[2002:c0a8:1::1]", "https://[fc00::1]", "https://[fd00::1]"),
    *("https://[fd12:3456:789a::1]", "https://[fec0::1]", "https://[fe80::1]", "https://[fe80::1%25eth0]"),
    *("https://[fe80::1%eth0]", "https://[::10.0.0.1]"),
    # metadata services and link local
    *("https://169.254.169.254", "https://169.254.0.1", "https://2852039166", "https://0xa9fea9fe"),
    *("https://[::ffff:169.254.169.254]", "https://[64:ff9b::a9fe:a9fe]", "https://[fd00:ec2::254]"),
    *("https://[2002:a9fe:a9fe::]", "https://100.100.100.200", "https://192.0.0.192"),
    # reserved, documentation, benchmarking, multicast, broadcast
    *("https://192.0.2.1", "https://198.51.100.1", "https://203.0.113.1", "https://198.18.0.1"),
    *("https://198.19.255.255", "https://192.88.99.1", "https://224.0.0.1", "https://239.255.255.255"),
    *("https://240.0.0.1", "https://255.255.255.255", "https://0.1.2.3", "https://[2001:db8::1]"),
    *("https://[3fff::1]", "https://[2001:2::1]", "https://[2001:10::1]", "https://[2001:20::1]"),
    *("https://[ff02::1]", "https://[ff0e::1]", "https://[100::1]", "https://[4000::1]", "https://[5f00::1]"),
    # other schemes and ports
    *("http://1.1.1.1", "ftp://1.1.1.1", "file:///etc/passwd", "gopher://1.1.1.1", "dict://1.1.1.1:11211"),
    *(
        "ldap://1.1.1.1",
        "javascript:alert(1)",
        "data:text/plain,x",
        "unix:/run/x",
        "HTTP://1.1.1.1",
        "//1.1.1.1",
    ),
    *("https://1.1.1.1:22", "https://1.1.1.1:25", "https://1.1.1.1:80", "https://1.1.1.1:3306"),
    *("https://1.1.1.1:5432", "https://1.1.1.1:6379", "https://1.1.1.1:8000", "https://1.1.1.1:9200"),
    *("https://1.1.1.1:65536", "https://1.1.1.1:-1", "https://1.1.1.1:x", "https://1.1.1.1:11211"),
    # spellings that two readers may read differently
    *("https://user@1.1.1.1", "https://1.1.1.1@127.0.0.1", "https://user:secret@1.1.1.1", "https://@1.1.1.1"),
    *("https://1.1.1.1\\@127.0.0.1", "https://1.1.1.1\\.internal", "https://1.1.1.1%40127.0.0.1"),
    *("https://127.0.0.1%00.example.org", "https://exa mple.org", "https://1.1.1.1\n.example", "https://"),
    *("https:///path", "https://?x", "https://#x", "https://[1.1.1.1]", "https://[::1", "https://::1]"),
    *(
        "https://\u0131\u0307.internal",
        "https://\uff11\uff12\uff17.0.0.1",
        "https://①②⑦.⓪.⓪.①",
        "https://[v1.x]",
    ),
    *("https://-example.org", "https://exam\x00ple.org", "https://.", "https://..", "https://1.1.1.1\t"),
)


@pytest.fixture
def no_connections(monkeypatch):
    """Real look-ups of this machine, and a list of every connection that was tried: it stays empty."""
    made = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, where: made.append(where))
    monkeypatch.setattr(socket.socket, "connect_ex", lambda self, where: made.append(where))

    def look_up(host, port, *more, **named):
        try:
            packed = socket.inet_aton(host)  # reads every spelling that C libraries read
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (socket.inet_ntoa(packed), port))]
        except OSError:
            pass
        try:
            ipaddress.ip_address(host)
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (host, port, 0, 0))]
        except ValueError:
            pass
        if host.rstrip(".").lower() == "localhost":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return made


def test_there_are_enough_vectors_and_none_twice():
    assert len(CLOSED) >= 120
    assert len(set(CLOSED)) == len(CLOSED)


@pytest.mark.parametrize("url", CLOSED)
def test_it_connects_to_none_of_them(url, no_connections):
    with pytest.raises(Refused) as refusal:
        locate(url, Reach())
    assert refusal.value.sentence
    assert no_connections == []


@pytest.mark.parametrize(
    ("url", "address", "port"),
    [
        ("https://1.1.1.1", "1.1.1.1", 443),
        ("https://8.8.8.8:8443/park", "8.8.8.8", 8443),
        ("https://[2606:4700::1111]", "2606:4700::1111", 443),
    ],
)
def test_it_goes_to_the_open_internet(url, address, port, no_connections):
    place = locate(url, Reach())
    assert (place.address, place.port, place.scheme) == (address, port, "https")


def test_a_name_that_leads_inside_as_well_is_not_used_at_all(monkeypatch):
    both = [(2, 1, 6, "", ("1.1.1.1", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_n: both)
    with pytest.raises(Unreachable, match=r"10\.0\.0\.1"):
        locate("https://parkbench.example", Reach())


def test_a_network_of_ones_own_is_reached_when_it_is_named(no_connections):
    named = Reach(networks=(ipaddress.ip_network("10.20.0.0/16"),))
    assert locate("https://10.20.1.1", named).address == "10.20.1.1"
    with pytest.raises(Unreachable):
        locate("https://10.21.1.1", named)


def test_in_development_this_machine_is_reached_at_any_high_port(no_connections):
    near = Reach(schemes=frozenset({"http", "https"}), ports=None, networks=LOOPBACK)
    assert locate("http://localhost:8002", near).address == "127.0.0.1"
    with pytest.raises(Unreachable, match="Port 25"):
        locate("http://localhost:25", near)
    with pytest.raises(Unreachable):
        locate("http://10.0.0.1:8002", near)


def test_every_address_that_is_not_global_is_closed():
    """Python's own list, read independently, must not know a closed address that ours takes for open."""
    for text in ("10.1.1.1", "127.9.9.9", "169.254.1.1", "192.168.1.1", "fd00::2", "fe80::2", "::1"):
        address = ipaddress.ip_address(text)
        assert not address.is_global
        assert not is_open(address)


def test_a_name_that_cannot_be_looked_up_says_so(no_connections):
    with pytest.raises(Unreachable, match="cannot be looked up"):
        locate("https://nowhere.example", Reach())
    with pytest.raises(Invalid):
        locate("no address at all", Reach(schemes=frozenset({""})))
