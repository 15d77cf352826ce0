"""Which Host a server answers to: against an oracle that reads names piece by piece, and by name."""

from __future__ import annotations

import re
import socket
from string import ascii_lowercase, ascii_uppercase, digits

import pytest
from hypothesis import example, given, strategies as st

from scheduler.jobs import UsageError
from scheduler.server.hosts import allowed_names, answered_names, answers_to, is_loopback, name_of

IN_NAMES = set(ascii_lowercase + ascii_uppercase + digits + "-_")
LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
ALLOWED = ("calls.example.org", "Dialer", "192.168.1.5", "2001:db8::1", "[fd00::5]")
NAMES = ("localhost", "LocalHost", "calls.example.org", "evil", "dialer", "127", "0", "1", "00", "::1", "2001:db8::1")
PIECES = (*NAMES, ".", ":", "[", "]", "8000", "-", "/", "@", "#", "?", " ", "%", "%lo", "\0", "\n", "é", "K", "١")


# --- the oracle ------------------------------------------------------------------------------------------------------


def packed(family: socket.AddressFamily, text: str) -> bytes | None:
    """The bytes of an address; None for what is none."""
    try:
        return socket.inet_pton(family, text)
    except (OSError, ValueError):
        return None


def without_port(host: str) -> str | None:
    """What stands before a port, if there is one; None where what stands behind is no port."""
    closed = host.find("]") + 1 if host.startswith("[") else host.find(":") if ":" in host else len(host)
    name, port = host[:closed], host[closed:]
    good = not port or (port[0] == ":" and all(each in digits for each in port[1:]))
    return name if good else None


def answered(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a Host is a name of loopback or one that is allowed, read piece by piece."""
    name = without_port(host)
    if not name:
        return False
    if name.startswith("["):
        address = packed(socket.AF_INET6, name[1:-1])
        others = {packed(socket.AF_INET6, each.strip("[]")) for each in allowed if ":" in each}
        return address is not None and address in {bytes(15) + b"\1", *others}
    labels = name.translate(LOWER).split(".")
    if len(labels) > 1 and not labels[-1]:
        labels.pop()
    if not all(each and set(each) <= IN_NAMES for each in labels):
        return False
    address = packed(socket.AF_INET, ".".join(labels))
    here = labels[-1] == "localhost" or (address is not None and address[0] == 127)
    return here or labels in [each.translate(LOWER).split(".") for each in allowed]


def hosts() -> st.SearchStrategy[str]:
    """Whatever stands in a Host: names and addresses as they should be, and what resembles them."""
    names = st.sampled_from(["localhost", "a.localhost", "LOCALHOST.", "evil.example", "notlocalhost", *ALLOWED])
    four = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=4, network="127.0.0.0/8").map(str)
    six = st.ip_addresses(v=6).map(lambda each: f"[{each.exploded}]") | st.sampled_from(["[::1]", "[0:0::0001]"])
    ports = st.sampled_from(["", "", ":", ":80", ":8000", ":x", ":1:2", ".:80"])
    good = st.tuples(names | four | six, ports).map("".join)
    pieces = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
    return good | pieces | st.text(max_size=12)


@given(hosts())
@example("127.0.0.1.evil.example")
@example("localhost.evil.example")
@example("evil.example#.localhost")
@example("evil.example:80@localhost")
@example("127.1")
@example("2130706433")
@example("127.0.0.01")
@example("[::1%lo]")
@example("[::ffff:127.0.0.1]")
@example("::1")
@example("\N{KELVIN SIGN}.localhost")
def test_a_host_is_answered_to_just_if_it_is_a_name_of_loopback_or_an_allowed_one(host: str) -> None:
    names = allowed_names(ALLOWED)

    assert answers_to(host, names) == answered(host, ALLOWED)
    assert answers_to(host, frozenset()) == answered(host, ())
    assert answers_to(host, None)


@given(hosts())
def test_a_name_has_one_spelling(host: str) -> None:
    """Whatever its case, its port, its dot at the end, or its zeros."""
    name = name_of(host)
    if name is not None:
        again = f"[{name}]" if ":" in name else name
        assert name == name_of(again) == name_of(f"{again}:8000") == name_of(again.upper())
        assert ":" in name or name == name_of(f"{name}.")


@given(hosts())
def test_an_allowed_name_is_answered_to_on_every_port(word: str) -> None:
    try:
        names = allowed_names([word])
    except UsageError:
        return
    (name,) = names
    written = f"[{name}]" if ":" in name else name
    assert all(answers_to(f"{each}{port}", names) for each in (written, written.upper()) for port in ("", ":1"))


@given(hosts())
def test_a_word_is_allowed_just_if_it_is_a_name_without_a_port(word: str) -> None:
    """An IPv6 address with brackets or without."""
    name = without_port(word) == word and name_of(word) is not None
    if name or packed(socket.AF_INET6, word) is not None:
        assert len(allowed_names([word])) == 1
    else:
        with pytest.raises(UsageError, match=r"^--allowed-host ") as refused:
            allowed_names([word])
        assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8000", "localhost"),
        ("localhost.", "localhost"),
        ("localhost:", "localhost"),
        ("my_app.localhost:80", "my_app.localhost"),
        ("127.8.9.1:8000", "127.8.9.1"),
        ("[::1]:8000", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("[2001:DB8::1]", "2001:db8::1"),
        *[(each, None) for each in ("", ".", "..", ":80", "a..b", ".a", "localhost..", "[]", "[::1", "::1", "[a]")],
        *[(each, None) for each in ("a:b", "a:1:2", "a b", " a", "a\n", "http://a", "a/b", "u@a", "*", "*.a", "a,b")],
        *[(each, None) for each in ("[::1%25lo]", "[fe80::1%lo]", "é", "%6c", "[::1]x", "[::1]:x", "a:١")],
    ],
)
def test_the_name_of_a_host(host: str, name: str | None) -> None:
    """RFC 9110, 7.2, and RFC 3986, 3.2.2; names as DNS has them."""
    assert name_of(host) == name


@pytest.mark.parametrize("name", ["localhost", "a.localhost", "a.b.localhost", "127.0.0.1", "127.255.255.255", "::1"])
def test_names_of_loopback(name: str) -> None:
    """RFC 6761, 6.3; RFC 1122, 3.2.1.3; RFC 4291, 2.5.3."""
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name", ["localhost.example", "notlocalhost", "127.0.0.1.example", "128.0.0.1", "0.0.0.0", "10.0.0.1", "::", "::2"]
)
def test_names_of_other_machines(name: str) -> None:
    assert not is_loopback(name)


@pytest.mark.parametrize(
    ("address", "allowed", "names"),
    [
        ("127.0.0.1", [], set()),
        ("127.0.1.1", [], set()),
        ("::1", [], set()),
        ("127.0.0.1", ["Calls.Example.org."], {"calls.example.org"}),
        ("0.0.0.0", [], None),
        ("::", [], None),
        ("192.168.1.5", [], None),
        ("fe80::1%eth0", [], None),
        ("0.0.0.0", ["a", "b", "A"], {"a", "b"}),
        ("::", ["fd00:0::5", "[FD00::6]"], {"fd00::5", "fd00::6"}),
    ],
)
def test_hosts_are_looked_at_on_loopback_and_wherever_names_are_given(
    address: str, allowed: list[str], names: set[str] | None
) -> None:
    assert answered_names(address, allowed_names(allowed)) == names


@pytest.mark.parametrize(
    "word",
    [
        *("", " ", ".", "*", "*.example.org", "http://x", "https://calls.example.org/", "x:80", "x:", "x/", "x/y", "/"),
        *("[::1]:80", "[fe80::1%lo]", "fe80::1%lo", "a b", "a,b", "a\n", "bücher.example", "\x1b[1m", "<b>", "u@x"),
    ],
)
def test_what_is_no_name_is_refused_in_a_line(word: str) -> None:
    said = "write a name such as calls.example.org, without scheme, port, path or wildcard"
    with pytest.raises(UsageError, match=rf"^--allowed-host \".*\": {re.escape(said)}$") as refused:
        allowed_names(["good", word])
    assert str(refused.value).isprintable()
