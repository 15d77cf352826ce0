"""The names under which a server answers: what the Host of a request may be.

A web site can have its own name lead to 127.0.0.1 once a browser has loaded it (DNS rebinding). To the browser, what it
then asks of a server there is of one origin; only the Host still says which name was asked. What forwards requests is
not believed about it: `Forwarded` and `X-Forwarded-Host` are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, ip_address

from scheduler.jobs import UsageError
from scheduler.policy.errors import shown

LOOPBACK, LOOPBACK_6 = IPv4Network("127.0.0.0/8"), IPv6Address("::1")
_NAME = r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?"
NAME = re.compile(_NAME)
HOST = re.compile(rf"({_NAME})(?::[0-9]*)?")


def name_of(host: str) -> str | None:
    """The name that a Host has before its port, in one spelling; None for what is no Host (RFC 9110, 7.2).

    It is in lower case, without a dot at its end; an IPv6 address is without brackets, in its shortest form. Nothing is
    unescaped: a name is ASCII letters, digits, `-` and `_` between dots, as browsers and DNS have it. Linear in `host`.

    >>> name_of("Calls.Example.org.:8000"), name_of("[0:0:0:0:0:0:0:1]:80"), name_of("http://x")
    ('calls.example.org', '::1', None)
    """
    found = HOST.fullmatch(host)
    return _spelled(found[1]) if found else None


def _spelled(name: str) -> str | None:
    if not name.startswith("["):
        return name.lower().removesuffix(".")
    try:
        return str(IPv6Address(name[1:-1]))
    except ValueError:
        return None


def is_loopback(name: str) -> bool:
    """Whether a name is this machine's own: localhost, one below it, or an address of 127.0.0.0/8 or ::1 (RFC 6761).

    It is spelled as `name_of` has it. It is not looked up: what is found there is what rebinding turns.

    >>> is_loopback("app.localhost"), is_loopback("127.0.0.1"), is_loopback("localhost.example")
    (True, True, False)
    """
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address in LOOPBACK or address == LOOPBACK_6


def allowed_names(words: Iterable[str]) -> frozenset[str]:
    """The names that `--allowed-host` gives, spelled as `name_of` has them; an IPv6 address needs no brackets.

    Raises UsageError for a word that is no name, or is more than one.

    >>> sorted(allowed_names(["Calls.example.org", "fd00::5"]))
    ['calls.example.org', 'fd00::5']
    """
    names: set[str] = set()
    for word in words:
        whole = next((each for each in (word, f"[{word}]") if NAME.fullmatch(each)), None)
        name = None if whole is None else _spelled(whole)
        if name is None:
            message = "write a name such as calls.example.org, without scheme, port, path or wildcard"
            raise UsageError(f"--allowed-host {shown(word)}: {message}")
        names.add(name)
    return frozenset(names)


def answered_names(address: str, allowed: frozenset[str]) -> frozenset[str] | None:
    """The names beside loopback's that a server bound to an address answers to; None if it answers to any.

    Only one that is bound beyond loopback and was given no name does: under which it is asked is not known here.

    >>> answered_names("127.0.0.1", frozenset()), answered_names("0.0.0.0", frozenset())
    (frozenset(), None)
    """
    return allowed if allowed or is_loopback(address) else None


def answers_to(host: str, names: frozenset[str] | None) -> bool:
    """Whether a Host is a name of loopback, or one of `names`, on any port; any is if `names` is None.

    >>> answers_to("localhost:8000", frozenset()), answers_to("evil.example:8000", frozenset())
    (True, False)
    """
    if names is None:
        return True
    name = name_of(host)
    return name is not None and (name in names or is_loopback(name))
