"""Passwords: what one must be, how one is made, and its argon2id hash."""

from __future__ import annotations

import secrets
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from scoring import WrongUsage

SHORTEST, LONGEST = 12, 1_000
"""Characters."""

MADE_BYTES = 15
"""20 characters."""

MEMORY = 19 * 1024
"""KiB a hash needs: OWASP's choice for argon2id with two rounds and one thread; a worker stays small."""

_hasher = PasswordHasher(time_cost=2, memory_cost=MEMORY, parallelism=1)


def checked_password(password: str) -> str:
    """A password that may be used; raises WrongUsage."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WrongUsage(f"a password has {SHORTEST} to {LONGEST:,} characters", "or let --generate make one")
    if not password.isprintable():
        raise WrongUsage("a password has no control characters")
    return password


def made_password() -> str:
    """A new password by chance."""
    return secrets.token_urlsafe(MADE_BYTES)


def hash_of(password: str) -> str:
    """Its argon2id hash, with a salt of its own. Takes some 20 milliseconds."""
    return _hasher.hash(password.encode())


def fits(password: bytes, kept: str) -> bool:
    """True where this is the password of the kept hash; takes as long where it is not."""
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def hash_of_nobody() -> str:
    """A hash that no password has: looking up an unknown user takes as long as a known one."""
    salt, hashed = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    return f"$argon2id$v=19$m={MEMORY},t=2,p=1${salt}${hashed}"
