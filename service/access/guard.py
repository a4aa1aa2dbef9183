"""The guard in front of every route: who asks is known before the body is read."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from service.moments import Clock, micros_at
from service.problems import Unavailable

from .attempts import Attempts
from .credentials import Sent, sent_in
from .directory import NO_KEY, Directory
from .passwords import fits, hash_of_nobody
from .refusals import CrossSite, NotAllowed, NotSignedIn, TooManyFailures
from .remembered import Remembered
from .roles import Caller, Role

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

OURS = frozenset({b"same-origin", b"none"})
"""What a browser says in Sec-Fetch-Site of a request that our own page or its address line began."""


class Guard:
    """Keys are looked up in memory; passwords once in a while, one at a time, because their hash is slow on purpose."""

    def __init__(self, directory: Directory, clock: Clock, attempts: Attempts) -> None:
        self._directory, self._clock, self._attempts = directory, clock, attempts
        self._remembered = Remembered()
        self._hash_of_nobody = hash_of_nobody()
        self._turn = asyncio.Lock()

    def known(self, scope: Scope) -> Caller | None:
        """Who asks, by memory alone; raises NotSignedIn where nobody says who he is."""
        sent = sent_in(scope["headers"])
        if sent is None:
            raise NotSignedIn
        if sent.is_key:
            return self._by_key(sent)
        caller = self._by_memory(sent)
        if caller is not None and scope["method"] not in SAFE and _is_cross_site(scope["headers"]):
            raise CrossSite
        return caller

    async def admit(self, scope: Scope) -> Caller:
        """Who asks, after a look into the database and at the password; raises NotSignedIn or TooManyFailures."""
        sent = sent_in(scope["headers"])
        if sent is None:
            raise NotSignedIn
        peer = str((scope.get("client") or ("",))[0]).encode()
        async with self._turn:  # one at a time: what runs beside it could not be counted
            if wait := self._attempts.wait(sent.account, peer):
                raise TooManyFailures(wait)
            if self._directory.is_away:
                raise Unavailable("no-database", "the database does not answer, and memory does not know you", 2)
            await run_in_threadpool(self._directory.load)  # it may have been made just now
            if not sent.is_key and self._by_memory(sent) is None:
                await self._check_password(sent)
            caller = self.known(scope)
            if caller is None:
                self._attempts.failed(sent.account, peer)
                raise NotSignedIn
            return caller

    async def vouched(self, name: str) -> Caller:
        """The user of this name, whom somebody else vouches for; raises NotSignedIn for one unknown or disabled."""
        if self._directory.is_away:
            raise Unavailable("no-database", "the database does not answer, and memory does not know you", 2)
        await run_in_threadpool(self._directory.load)  # he may have been added or disabled just now
        user = self._directory.known.users.get(name.encode())
        if user is None:
            raise NotSignedIn
        return user.caller

    def _by_key(self, sent: Sent) -> Caller | None:
        key = self._directory.known.keys.get(sent.account, NO_KEY)
        if not hmac.compare_digest(sha256(sent.secret).digest(), key.digest):
            return None
        if key.expires is not None and key.expires <= micros_at(self._clock()):
            return None
        return key.caller

    def _by_memory(self, sent: Sent) -> Caller | None:
        user = self._remembered.user(sent.account, sent.secret, self._directory.known)
        return None if user is None else user.caller

    async def _check_password(self, sent: Sent) -> None:
        user = self._directory.known.users.get(sent.account)
        kept = self._hash_of_nobody if user is None else user.password_hash
        if await run_in_threadpool(fits, sent.secret, kept) and user is not None:
            self._remembered.keep(sent.account, sent.secret, user)


def require(caller: Caller, roles: frozenset[Role]) -> None:
    """Raise NotAllowed for a caller of another role."""
    if caller.role not in roles:
        raise NotAllowed(roles)


def is_own_page(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """True where a browser says that our own page sent a form; who says nothing of the kind is no browser of today."""
    found = dict(headers)
    said = b"sec-fetch-site" in found or b"origin" in found
    return said and not _is_cross_site(headers)


def _is_cross_site(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """True where a browser says that another site's page began the request. It adds a remembered password to such
    a request by itself; programs send neither header."""
    found = dict(headers)
    site, origin = found.get(b"sec-fetch-site"), found.get(b"origin")
    if site is not None:
        return site not in OURS
    return origin is not None and origin.partition(b"://")[2] != found.get(b"host")
