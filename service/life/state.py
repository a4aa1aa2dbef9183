"""A lead's state: the fold of its events in the order in which they happened, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.purchases import SAME_PURCHASE_DAYS, is_confirmed

DAY = 86_400 * 1_000_000
"""Microseconds."""


class Source(StrEnum):
    """Who said it: the CRM, a salesperson, or marketing that handed the lead over."""

    OUTCOME = "outcome"
    FEEDBACK = "feedback"
    HANDOVER = "handover"


class Said(StrEnum):
    """What was said of a lead; in the order in which it counts where two happened at one moment."""

    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    NOT_NOW = "not_now"
    REFUSED = "refused"
    OPEN = "open"
    LOST = "lost"
    WON = "won"
    WITHDRAWN = "withdrawn"


_RANK = {said: rank for rank, said in enumerate(Said)}


class Standing(StrEnum):
    """Where a lead stands."""

    NEW = "new"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_NOW = "not_now"
    WON = "won"
    LOST = "lost"
    BOUGHT_AGAIN = "bought_again"


CLOSED = frozenset({Standing.WON, Standing.LOST, Standing.BOUGHT_AGAIN})
"""Leads that stand here are not listed: there is nobody to call."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing said of a lead. occurred_at, until: microseconds since 1970.

    withdraws: the event of the same source that this one takes back, as if it had not been said.
    """

    source: Source
    event_id: str
    said: Said
    occurred_at: int
    value: float | None = None
    reason: str | None = None
    until: int | None = None
    deal_id: str | None = None
    by: str | None = None
    withdraws: str | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A lead bought. at: microseconds since 1970."""

    at: int
    value: float | None


@dataclass(frozen=True, slots=True)
class State:
    """Where a lead stands since when (microseconds since 1970), why, and until when it wants to be left alone."""

    standing: Standing = Standing.NEW
    since: int | None = None
    reason: str | None = None
    until: int | None = None
    purchases: tuple[Purchase, ...] = ()

    @property
    def won_value(self) -> float | None:
        """The sum of all purchases whose value is known; None where none is."""
        known = [p.value for p in self.purchases if p.value is not None]
        return sum(known) if known else None


def in_order(events: Iterable[Event]) -> list[Event]:
    """What stands, as it happened; of one moment, what counts most comes last, and ids decide the rest.

    What was taken back is left out with what took it back, whichever of the two arrived first.
    """
    found = list(events)
    taken_back = {(e.source, e.withdraws) for e in found if e.said is Said.WITHDRAWN}
    standing = [e for e in found if e.said is not Said.WITHDRAWN and (e.source, e.event_id) not in taken_back]
    return sorted(standing, key=lambda e: (e.occurred_at, _RANK[e.said], e.source, e.event_id))


def state_of(events: Iterable[Event]) -> State:
    """The state of a lead with these events.

    >>> won = [Event(Source.OUTCOME, e, Said.WON, at * DAY, 100.0) for e, at in (("b", 90), ("a", 10))]
    >>> state = state_of(won)
    >>> state.standing.value, state.won_value, [p.at // DAY for p in state.purchases]
    ('bought_again', 200.0, [10, 90])
    """
    ordered = in_order(events)
    if not ordered:
        return State()
    last, bought = ordered[-1], purchases_of(ordered)
    standing = Standing.NEW if last.said is Said.OPEN else Standing(last.said)
    if standing is Standing.WON and len(bought) > 1:
        standing = Standing.BOUGHT_AGAIN
    return State(standing, last.occurred_at, last.reason, last.until, tuple(bought))


def purchases_of(ordered: Sequence[Event]) -> list[Purchase]:
    """What was bought, by events in order: a deal counts once, as last said; a seller's word gives way to the CRM's."""
    outcomes = [e for e in ordered if e.source is Source.OUTCOME]
    told = [e for e in ordered if e.source is Source.FEEDBACK and e.said is Said.WON]
    found = [*_of_outcomes(outcomes), *(Purchase(e.occurred_at, e.value) for e in told if not _confirmed(e, outcomes))]
    return sorted(found, key=lambda p: p.at)


def _of_outcomes(outcomes: Sequence[Event]) -> list[Purchase]:
    deals = {e.deal_id: e for e in outcomes if e.deal_id is not None}
    last = [e for e in outcomes if e.deal_id is None or deals[e.deal_id] is e]
    return [Purchase(e.occurred_at, e.value) for e in last if e.said is Said.WON]


def _confirmed(told: Event, outcomes: Sequence[Event]) -> bool:
    """Whether the CRM speaks of the same purchase: the same deal, or a win within a week."""
    return any(
        is_confirmed(
            told.deal_id,
            e.deal_id,
            crm_won=e.said is Said.WON,
            apart=e.occurred_at - told.occurred_at,
            week=SAME_PURCHASE_DAYS * DAY,
        )
        for e in outcomes
    )
