"""Which events count: all but those that somebody took back."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select

from .state import Said, Source
from .tables import events


def stands() -> ColumnElement[bool]:
    """The condition of events that nobody took back."""
    back = select(events.c.withdraws).where(events.c.withdraws.is_not(None)).scalar_subquery()
    return and_(
        events.c.said != Said.WITHDRAWN, or_(events.c.source != Source.FEEDBACK, events.c.event_id.not_in(back))
    )
