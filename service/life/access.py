"""Which leads a caller reaches: all, or those on its desks."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from service.access.roles import Caller
from service.problems import Problem
from service.tables import leads

from .asked import Happened, Told
from .rows import desk_of

Sent = TypeVar("Sent", Happened, Told)


WHOSE = (leads.c.owner, leads.c.handed_to, leads.c.territory)
"""What says on whose desk a lead lies."""


def is_reached(caller: Caller, row: Any) -> bool:
    """Whether a lead (a row with the columns of WHOSE) lies on one of the caller's desks."""
    return caller.desks is None or desk_of(row.owner, row.handed_to, row.territory) in caller.desks


def no_such_lead() -> Problem:
    """What is said of a lead that is not there, or not for this caller: the two look alike."""
    return Problem(HTTPStatus.NOT_FOUND, "no-such-lead", "no lead is stored under this id; ids are compared verbatim")


def check_reach(connection: Connection, caller: Caller, sent: Sent) -> Sent | Problem:
    """The event itself, or the problem that its lead is none of the caller's."""
    if caller.desks is None:
        return sent
    row = connection.execute(select(*WHOSE).where(leads.c.id == sent.lead_id)).first()
    return sent if row is not None and is_reached(caller, row) else no_such_lead()
