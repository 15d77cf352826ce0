"""The page as HTML: what a server answers, and what a mailed file holds."""

from __future__ import annotations

import json
from functools import cache
from html import escape

from scheduler.policy.laws import LAWS, law_named

NO_SCRIPT = "This page needs JavaScript. Allow it for this page, or use the command line: call-scheduler preview."


def shell(title: str, head: str, body: str) -> str:
    """A page with nothing in it but the place for what its script draws; `head` and `body` are markup.

    >>> "<title>a &lt; b</title>" in shell("a < b", "", "")
    True
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{head}<title>{escape(title)}</title>\n"
        '<link rel="icon" href="data:,">\n</head>\n<body>\n'
        f'<div id="page"></div>\n<noscript>{NO_SCRIPT}</noscript>\n{body}</body>\n</html>\n'
    )


def served(nonce: str) -> str:
    """The page of a server, whose policy lets styles with a nonce pass; it is told which laws there are."""
    head = (
        f'<meta name="csp-nonce" content="{escape(nonce)}">\n<meta name="laws" content="{escape(_titles_of_laws())}">\n'
        '<link rel="stylesheet" href="/page/page.css">\n'
    )
    return shell("call-scheduler", head, '<script src="/page/page.js" defer></script>\n')


@cache
def _titles_of_laws() -> str:
    return json.dumps({name: law_named(name).title for name in LAWS})


def served_policy(nonce: str) -> str:
    """The content security policy of the page of a server."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; "
        "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
