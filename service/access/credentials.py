"""What a request's `Authorization` holds, as bytes: it comes from anybody and need be no text."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence
from typing import NamedTuple


class Sent(NamedTuple):
    """A key (id and secret) or a user (name and password)."""

    is_key: bool
    account: bytes
    secret: bytes

    def __repr__(self) -> str:
        """Without what must not be shown."""
        return "Sent(...)"


NOTHING = Sent(True, b"", b"")
"""Credentials that cannot be read: an account that nobody has."""


def sent_in(headers: Sequence[tuple[bytes, bytes]]) -> Sent | None:
    """The credentials of a request, None where it brings none. Given twice, they are nobody's."""
    found = None
    for name, value in headers:
        if name == b"authorization":
            if found is not None:
                return NOTHING
            found = value
    return None if found is None else _read(found)


def _read(value: bytes) -> Sent:
    scheme, _, rest = value.partition(b" ")
    kind = scheme.lower()
    if kind == b"bearer":
        key_id, _, secret = rest.strip().partition(b".")
        return Sent(True, key_id, secret)
    if kind != b"basic":
        return NOTHING
    try:
        name, _, password = b64decode(rest.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return NOTHING
    return NOTHING if b"\0" in name else Sent(False, name, password)
