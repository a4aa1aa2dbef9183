"""Requests with an Idempotency-Key: done once, answered alike however often they come (IETF draft, as Stripe does it).

The answer is stored in the transaction that did the work: where one is, so is the other. A request first claims its key
in a transaction of its own, so that a twin which comes meanwhile can be told. A claim whose process died runs out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from uuid import uuid4

from fastapi import Request
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from .database import Database
from .life.ends import GONE
from .life.tables import answered_leads, answers
from .moments import Clock, micros_at
from .problems import Fault, Problem, Unavailable, Unfit
from .sql import insert_into

HEADER = "idempotency-key"
KEY_CHARACTERS = 200
SECOND = 1_000_000
CLAIM = 60 * SECOND
"""Microseconds: longer than any request may take; after that its process is taken for dead."""

KEPT = 7 * 86_400 * SECOND
"""Microseconds that an answer is kept: longer than a CRM retries."""


@dataclass(frozen=True, slots=True)
class Done:
    """An answer and the leads of which it speaks."""

    response: Response
    leads: Iterable[str] = ()


Work = Callable[[Connection], Done]


class Once:
    """Does work in a transaction; under a key it is done once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def run(self, request: Request, body: bytes, caller: str, work: Work) -> Response:
        """The answer of this work, or the stored one of an equal request. Raises Problem for a key that is in use."""
        key = key_of(request)
        if key is None:
            with self._database.writing() as connection:
                return work(connection).response
        digest = self._digest(request, body)
        claim = uuid4().hex
        stored = self._claim(caller, key, digest, claim)
        if stored is not None:
            return stored
        done: Done | None = None
        try:
            with self._database.writing() as connection:
                done = work(connection)
                self._store(connection, (caller, key, claim), done)
            return done.response
        finally:
            if done is None:
                self._give_up(caller, key, claim)

    def _digest(self, request: Request, body: bytes) -> str:
        said = (
            f"{request.method} {request.scope['raw_path'].decode('latin-1')}\n".encode() + hashlib.sha256(body).digest()
        )
        return self._database.mark_of(said.hex())

    def _claim(self, caller: str, key: str, digest: str, claim: str) -> Response | None:
        """Take the key for us, None; or the answer that was given under it."""
        now = micros_at(self._clock())
        mine = {"caller": caller, "key": key, "digest": digest, "claim": claim}
        with self._database.writing() as connection:
            connection.execute(delete(answers).where(answers.c.stored_at < now - KEPT))
            taken = insert_into(connection, answers).values(**mine, claimed_until=now + CLAIM, stored_at=now)
            if connection.execute(taken.on_conflict_do_nothing().returning(answers.c.key)).first():
                return None
            where = (answers.c.caller == caller) & (answers.c.key == key)
            row = connection.execute(select(answers).where(where).with_for_update()).one()
            if row.digest != digest:
                raise Unfit(Fault("Idempotency-Key", "another key for another request: this one was used before"))
            if row.status == GONE:
                raise Problem(HTTPStatus.GONE, "erased", "a lead of this request was erased since; it was done once")
            if row.status is not None:
                return Response(row.body, row.status, {"Idempotent-Replayed": "true"}, row.media_type)
            if row.claimed_until > now:
                raise Problem(
                    HTTPStatus.CONFLICT, "in-flight", "a request with this key is running", headers={"Retry-After": "1"}
                )
            connection.execute(update(answers).where(where).values(claim=claim, claimed_until=now + CLAIM))
            return None

    def _store(self, connection: Connection, place: tuple[str, str, str], done: Done) -> None:
        caller, key, claim = place
        mine = (answers.c.caller == caller) & (answers.c.key == key) & (answers.c.claim == claim)
        response = done.response
        found = connection.execute(
            update(answers)
            .where(mine)
            .values(
                status=response.status_code,
                body=bytes(response.body).decode(),
                media_type=response.media_type,
                stored_at=micros_at(self._clock()),
            )
        )
        if not found.rowcount:
            raise Unavailable("busy", "this request took so long that another one took its key; repeat it", 1)
        connection.execute(delete(answered_leads).where(answered_leads.c.caller == caller, answered_leads.c.key == key))
        leads = [{"lead_id": lead, "caller": caller, "key": key} for lead in sorted(set(done.leads))]
        if leads:
            connection.execute(insert(answered_leads), leads)

    def _give_up(self, caller: str, key: str, claim: str) -> None:
        """A request that failed changed nothing: its key is free again, so that it can be mended and sent under it."""
        where = (answers.c.caller == caller) & (answers.c.key == key) & (answers.c.claim == claim)
        with suppress(SQLAlchemyError), self._database.writing() as connection:
            connection.execute(delete(answers).where(where, answers.c.status.is_(None)))


def key_of(request: Request) -> str | None:
    """The request's Idempotency-Key; raises Unfit for one that is none."""
    keys = request.headers.getlist(HEADER)
    if not keys:
        return None
    if len(keys) > 1:
        raise Unfit(Fault("Idempotency-Key", "given once"))
    if not (1 <= len(keys[0]) <= KEY_CHARACTERS and keys[0].isascii() and keys[0].isprintable()):
        raise Unfit(Fault("Idempotency-Key", f"1 to {KEY_CHARACTERS} printable ASCII characters"))
    return keys[0]
