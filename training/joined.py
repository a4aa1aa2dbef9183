"""Leads joined with what became of them: the first purchase, the first loss, and whose words these are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column

from .lead_history import History
from .outcomes import CRM, NEVER, REFUSED, SALES, Flags, Moments, Outcomes
from .purchases import as_lives, earlier
from .stops import Stops
from .told import Told


@dataclass(frozen=True, slots=True)
class Leads:
    """The leads of a table. company: who belongs together."""

    columns: dict[str, Column]
    ids: list[str]
    id_column: str | None
    created: Moments | None
    created_column: str | None
    notes: list[str]
    company: Column | None


@dataclass(frozen=True, slots=True)
class _Became:
    """What became of each different id. won, lost, value, moments: as of `History`. Shapes (ids,)."""

    won: Flags
    lost: Flags
    won_at: Moments
    lost_at: Moments
    value: NDArray[np.float64]


def joined(leads: Leads, told: Told, *, last: int = NEVER) -> History:
    """Leads with their first purchase; a purchase beats a loss, whatever the order of the rows.

    last: the last moment of what salespeople said, seconds since 1970; NEVER where they said nothing.
    """
    outcomes = told.outcomes
    place = {lead: i for i, lead in enumerate(dict.fromkeys(leads.ids))}
    rows = np.fromiter((place.get(i, -1) for i in outcomes.ids), dtype=np.int64, count=len(outcomes.ids))
    if (rows < 0).any():
        leads.notes.append(f"{int((rows < 0).sum())} outcomes speak of leads that are not in the history: left out")
    born = _by_place(leads, place)
    early = earlier(outcomes, rows, born)
    if early.any():
        leads.notes.append(f"{int(early.sum()):,} purchases lie before their lead came in: counted as activities")
    became = _became(outcomes, rows, early, born, len(place))
    who = np.array([place[lead] for lead in leads.ids], dtype=np.intp)
    first = {lead: int(i) for lead, i in zip(place, np.unique(who, return_index=True)[1], strict=True)}
    return History(
        columns=leads.columns,
        ids=leads.ids,
        won=became.won[who],
        lost=became.lost[who],
        won_at=became.won_at[who],
        value=became.value[who],
        created=leads.created,
        until=until_of(leads.created, outcomes.at, np.array([last])),
        id_column=leads.id_column,
        created_column=leads.created_column,
        notes=leads.notes,
        lost_at=became.lost_at[who],
        lives=as_lives(outcomes, rows, early),
        company=leads.company,
        stops=Stops.of((first[gap.lead], gap.at, gap.again) for gap in told.gaps if gap.lead in place),
        words=_words(told, became, place, rows, early),
    )


def _became(outcomes: Outcomes, rows: Moments, early: Flags, born: Moments | None, leads: int) -> _Became:
    won, lost = np.zeros(leads, dtype=bool), np.zeros(leads, dtype=bool)
    won_at, value = np.full(leads, NEVER, dtype=np.int64), np.full(leads, np.nan)
    bought = np.flatnonzero(outcomes.won & (rows >= 0) & ~early)
    latest_first = bought[np.lexsort((outcomes.value[bought], outcomes.at[bought]))][::-1]
    for i in latest_first.tolist():
        won[rows[i]], won_at[rows[i]], value[rows[i]] = True, outcomes.at[i], outcomes.value[i]
    lost[rows[np.flatnonzero(outcomes.lost & (rows >= 0))]] = True
    return _Became(won, lost & ~won, won_at, _lost_at(outcomes, rows, won_at, born), value)


def _lost_at(outcomes: Outcomes, rows: Moments, won_at: Moments, born: Moments | None) -> Moments:
    """When each lead was first lost, if it had not bought by then; a later purchase does not undo what was known.

    A loss from before a buyer came in was an earlier lead's.
    """
    lost_at = np.full(len(won_at), NEVER, dtype=np.int64)
    known = np.flatnonzero(outcomes.lost & (rows >= 0))
    np.minimum.at(lost_at, rows[known], outcomes.at[known])
    of_this_lead = (won_at == NEVER) | (lost_at >= (0 if born is None else born))
    return np.where((lost_at < won_at) & of_this_lead, lost_at, NEVER)


def _words(told: Told, became: _Became, place: MappingType[str, int], rows: Moments, early: Flags) -> dict[str, Any]:
    """Whose words the labels rest on, in leads: the CRM's word counts before a salesperson's."""
    by = np.zeros(len(rows), dtype=np.int8) if told.outcomes.by is None else told.outcomes.by
    wins = _by(told.outcomes.won & (rows >= 0) & ~early, rows, by)
    losses = _by(told.outcomes.lost & (rows >= 0) & became.lost[np.maximum(rows, 0)], rows, by)
    open_yet = {lead for lead, i in place.items() if not (became.won[i] or became.lost[i])}
    stood = {gap.lead: gap.code for gap in told.gaps if gap.again == NEVER and gap.lead in open_yet}
    return {
        "purchases": {"crm": wins.get(CRM, 0), "sales": wins.get(SALES, 0)},
        "losses": {"crm": losses.get(CRM, 0), "sales": losses.get(SALES, 0), "refused": losses.get(REFUSED, 0)},
        "unknown": dict(sorted(Counter(stood.values()).items())),
        "no_word_on_buying": len(told.no_word & open_yet),
        "handed_over": len(told.handed_over & place.keys()),
        "waiting": len(told.waiting & open_yet),
    }


def _by(which: Flags, rows: Moments, by: NDArray[np.int8]) -> dict[int, int]:
    """How many leads each speaker's word decides: the first of CRM, SALES and REFUSED that there is."""
    first: dict[int, int] = {}
    for lead, speaker in zip(rows[which].tolist(), by[which].tolist(), strict=True):
        first[lead] = min(first.get(lead, speaker), speaker)
    return dict(Counter(first.values()))


def _by_place(leads: Leads, place: MappingType[str, int]) -> Moments | None:
    """When each lead was created, by its place among the different ids."""
    if leads.created is None:
        return None
    created = np.empty(len(place), dtype=np.int64)
    created[[place[lead] for lead in leads.ids]] = leads.created
    return created


def until_of(created: Moments | None, *closed: Moments) -> int | None:
    """The last moment of a history; None where its leads have no dates."""
    if created is None:
        return None
    stamps = np.concatenate((created, *closed))
    return int(stamps[stamps != NEVER].max())
