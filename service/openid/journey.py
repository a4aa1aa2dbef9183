"""Somebody on the way to the provider and back: what must fit when he returns, sealed in a cookie of his browser."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from dataclasses import asdict, dataclass

COOKIE = "leadrank_openid"

LONGEST = 600
"""Seconds that somebody has to sign in at the provider."""


@dataclass(frozen=True, slots=True)
class Journey:
    """state: comes back with the person. nonce: comes back in the token. verifier: proves that the code is ours (PKCE).

    wanted: where he wanted to go. until: seconds since 1970.
    """

    state: str
    nonce: str
    verifier: str
    wanted: str | None
    until: int


def begun(wanted: str | None, now: int) -> Journey:
    """A new journey. now: seconds since 1970."""
    state, nonce, verifier = (secrets.token_urlsafe(size) for size in (32, 32, 48))
    return Journey(state, nonce, verifier, wanted, now + LONGEST)


def sealed(journey: Journey, mark_of: Callable[[str], str]) -> str:
    """The cookie. mark_of: a keyed hash that this installation alone can make."""
    text = urlsafe_b64encode(json.dumps(asdict(journey)).encode()).decode()
    return f"{text}.{mark_of(f'openid:{text}')}"


def unsealed(cookie: str, mark_of: Callable[[str], str], now: int) -> Journey | None:
    """The journey of a cookie; None for one that is not ours, was changed, or is too old."""
    text, _, mark = cookie.rpartition(".")
    try:
        if not hmac.compare_digest(mark.encode(), mark_of(f"openid:{text}").encode()):
            return None
        journey = Journey(**json.loads(urlsafe_b64decode(text)))
    except (Error, ValueError, TypeError):
        return None
    return journey if now < journey.until else None
