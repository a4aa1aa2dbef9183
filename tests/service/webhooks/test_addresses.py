"""No webhook goes into this network: not by number, by name, by another spelling or by a second look-up."""

from __future__ import annotations

import doctest
import socket
import threading

import pytest

from service.database import Database
from service.webhooks import addresses, listed
from service.webhooks.addresses import Forbidden, place_of
from tests.service.conftest import Watch
from tests.service.webhooks.conftest import Post, Receiver, added, deliverer

INSIDE = """
127.0.0.1 127.1 127.255.255.254 0.0.0.0 0 2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 017700000001 127.0.0.1.
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.1.1 169.254.169.254 169.254.0.1 2852039166
0xa9fea9fe 100.64.0.1 100.100.100.200 100.127.255.255 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
[::] [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:10.0.0.1] [::ffff:169.254.169.254]
[::127.0.0.1] [::ffff:0:127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::169.254.169.254] [64:ff9b:1::1] [2002:7f00:1::]
[2002:a9fe:a9fe::1] [2001::1] [2001:db8::1] [3fff::1] [100::1] [fe80::1] [fe80::1%25eth0] [fec0::1] [fc00::1]
[fd00:ec2::254] [fd12:3456::1] [ff02::1] [5f00::1]
""".split()

BROKEN = [
    "http://1.1.1.1/",
    "ftp://1.1.1.1/",
    "file:///etc/passwd",
    "gopher://1.1.1.1/",
    "//1.1.1.1/",
    "1.1.1.1",
    "https://",
    "https:///hook",
    "https://user@1.1.1.1/",
    "https://user:secret@1.1.1.1/",
    "https://1.1.1.1@127.0.0.1/",
    "https://1.1.1.1#@127.0.0.1/",
    "https://1.1.1.1\\@127.0.0.1/",
    "https://1.1.1.1:0/",
    "https://1.1.1.1:99999/",
    "https://1.1.1.1:x/",
    "https://1.1.1.1/\r\nX: y",
    "https://1.1.1.1/ x",
    "https://①②⑦.0.0.1/",
    "https://ex\u0430mple.com/",
    "https://[::1/",
    "https://[x]/",
    "https://a%2eb/",
    "https://1.1.1.1/" + "x" * 2000,
]


def inside(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize("host", INSIDE)
def test_an_address_of_this_network_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(Forbidden) as refused:
        place_of(f"https://{host}/hook", internal=False)
    assert refused.value.word in ("internal-address", "no-url", "unresolved")


@pytest.mark.parametrize("url", BROKEN)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(Forbidden) as refused:
        place_of(url, internal=False, resolve=inside)
    assert "127" not in str(refused.value)


def test_a_name_that_resolves_into_this_network_is_refused() -> None:
    with pytest.raises(Forbidden, match="not in this network"):
        place_of("https://hooks.example.com/", internal=False, resolve=inside)


def test_one_address_inside_is_enough_to_refuse() -> None:
    with pytest.raises(Forbidden):
        place_of("https://hooks.example.com/", internal=False, resolve=lambda *_: ["1.1.1.1", "::1"])


def test_a_name_that_does_not_resolve_is_refused() -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(Forbidden, match="resolves"):
        place_of("https://hooks.example.com/", internal=False, resolve=nobody)


@pytest.mark.parametrize(
    ("url", "header", "path", "port"),
    [
        ("https://hooks.example.com", "hooks.example.com", "/", 443),
        ("https://hooks.example.com:8443/a/b?c=d&e", "hooks.example.com:8443", "/a/b?c=d&e", 8443),
        ("https://[2606:4700::1111]:8443/", "[2606:4700::1111]:8443", "/", 8443),
        ("https://XN--bcher-kva.example/", "xn--bcher-kva.example", "/", 443),
    ],
)
def test_a_public_address_passes(url: str, header: str, path: str, port: int) -> None:
    place = place_of(url, internal=False, resolve=lambda *_: ["1.1.1.1"])
    assert (place.host_header, place.path, place.port, place.tls) == (header, path, port, True)


def test_inside_is_allowed_where_the_setting_says_so() -> None:
    assert place_of("http://127.0.0.1:8080/", internal=True).addresses == ("127.0.0.1",)


def test_a_name_that_moves_after_the_check_is_not_followed(database: Database, receiver: Receiver) -> None:
    """The connection goes to the address that was checked: the resolver is asked once a sending."""
    clock = Watch()
    asked: list[str] = []

    def moving(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.99"]

    port = receiver.url.split(":")[2].split("/")[0]
    endpoint = added(database, f"http://hooks.example.com:{port}/hook", clock)
    post = Post(database, clock, endpoint, deliverer(database, clock, resolve=moving))
    post.announce()
    assert post.deliver() == 1
    assert asked == ["hooks.example.com"]
    assert receiver.got[0].headers["host"] == f"hooks.example.com:{port}"


def test_a_name_that_moved_into_this_network_is_not_sent_to(database: Database) -> None:
    """It was public when it was added; at the sending it is not."""
    clock = Watch()
    with socket.create_server(("127.0.0.1", 0)) as trap:
        endpoint = added(database, f"https://hooks.example.com:{trap.getsockname()[1]}/", clock)
        post = Post(database, clock, endpoint, deliverer(database, clock, internal=False, resolve=inside))
        post.announce()
        assert post.deliver() == 1
        trap.settimeout(0.05)
        with pytest.raises(TimeoutError):
            trap.accept()
    assert (post.row().last_fault, post.row().last_status) == ("internal-address", None)
    assert post.row().next_at is not None


def test_a_certificate_of_another_name_is_not_accepted(database: Database) -> None:
    """A listener that speaks no TLS at all shows that nothing is sent in the clear either."""
    clock = Watch()
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def listen() -> None:
            line, _ = plain.accept()
            with line:
                heard.append(line.recv(4096))
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=listen)
        thread.start()
        endpoint = added(database, f"https://localhost:{plain.getsockname()[1]}/", clock)
        post = Post(database, clock, endpoint, deliverer(database, clock))
        post.announce("secret-lead")
        post.deliver()
        thread.join()
    assert post.row().last_fault == "tls"
    assert b"secret-lead" not in heard[0]


@pytest.mark.parametrize("module", [addresses, listed])
def test_the_examples_are_true(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
