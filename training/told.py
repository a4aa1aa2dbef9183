"""What the CRM and salespeople say, told into one story a lead: purchases, losses, and where nothing is known.

A refusal means what its reason means (`scoring.refusals`). A word that was taken back, by a later word that takes the
lead up again, leaves a gap in which nothing is known, for at that time it stood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from scoring.purchases import SAME_PURCHASE_DAYS, is_confirmed
from scoring.refusals import REFUSALS, Means
from scoring.values import DAY

from .feedback import ACCEPTED, HANDED_OVER, LOST, NOT_NOW, REFUSED, WON, Said
from .outcomes import CRM, NEVER, SALES, Outcomes
from .outcomes import REFUSED as BY_REFUSAL

TAKEN_UP = (HANDED_OVER, ACCEPTED, NOT_NOW)
"""Words by which a lead that was given up is worked again."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A lead is not followed from `at` to `again` (NEVER: to the end). code: of a refusal, "" for a loss taken back."""

    lead: str
    at: int
    again: int
    code: str


@dataclass
class Told:
    """outcomes: the rows that count, the salespeople's behind the CRM's. gaps: where nothing is known.

    no_word: leads that were refused with no word on buying. handed_over: leads; waiting: those without an answer since.
    """

    outcomes: Outcomes
    gaps: list[Gap] = field(default_factory=list)
    no_word: set[str] = field(default_factory=set)
    handed_over: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)


@dataclass
class _Rows:
    """Rows of outcomes that come from salespeople."""

    ids: list[str] = field(default_factory=list)
    won: list[bool] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    by: list[int] = field(default_factory=list)

    def add(self, said: Said, *, won: bool, by: int) -> None:
        for column, cell in zip(
            (self.ids, self.won, self.at, self.value, self.by), (said.lead, won, said.at, said.value, by), strict=True
        ):
            column.append(cell)  # type: ignore[attr-defined]


def told(outcomes: Outcomes, said: Sequence[Said]) -> Told:
    """Outcomes and feedback as one story."""
    kept = _settled(outcomes)
    found, more = Told(kept), _Rows()
    again = _taken_up(outcomes, said)
    for lead, at in _losses_taken_back(outcomes, again):
        found.gaps.append(Gap(lead, at, _next(again[lead], at), ""))
    crm = _words_of_the_crm(outcomes, {one.lead for one in said})
    for one in said:
        if one.word == WON and not _is_told_by(crm[one.lead], one):
            more.add(one, won=True, by=SALES)
        elif one.word == LOST:
            _give_up(found, more, one, again, by=SALES)
        elif one.word == REFUSED:
            _refuse(found, more, one, again)
    found.outcomes = _with(_without_gaps(kept, found.gaps), more)
    _count_handovers(found, said)
    return found


def _settled(outcomes: Outcomes) -> Outcomes:
    """The rows without purchases that a later word on the same deal took back."""
    if outcomes.deals is None:
        return outcomes
    last: dict[tuple[str, str], tuple[int, bool]] = {}
    for lead, deal, at, is_won in _deals(outcomes):
        last[lead, deal] = max(last.get((lead, deal), (at, is_won)), (at, is_won))
    won = outcomes.won.copy()
    for i, (lead, deal) in enumerate(zip(outcomes.ids, outcomes.deals, strict=True)):
        if deal and won[i]:
            won[i] = last[lead, deal] == (int(outcomes.at[i]), True)
    return replace(outcomes, won=won)


def _deals(outcomes: Outcomes) -> Iterable[tuple[str, str, int, bool]]:
    rows = zip(outcomes.ids, outcomes.deals or (), outcomes.at.tolist(), outcomes.won.tolist(), strict=True)
    return (row for row in rows if row[1])


def _taken_up(outcomes: Outcomes, said: Sequence[Said]) -> dict[str, list[int]]:
    """When each lead was taken up again, in order of time."""
    found = defaultdict[str, list[int]](list)
    for one in said:
        if one.word in TAKEN_UP:
            found[one.lead].append(one.at)
    if outcomes.again is not None:
        for i in np.flatnonzero(outcomes.again & (outcomes.at != NEVER)).tolist():
            found[outcomes.ids[i]].append(int(outcomes.at[i]))
    for moments in found.values():
        moments.sort()
    return found


def _losses_taken_back(outcomes: Outcomes, again: dict[str, list[int]]) -> list[tuple[str, int]]:
    """Losses told by the CRM, by lead and moment, after which the CRM or sales took the lead up again."""
    if not again:
        return []
    rows = np.flatnonzero(outcomes.lost & (outcomes.at != NEVER)).tolist()
    losses = ((outcomes.ids[i], int(outcomes.at[i])) for i in rows)
    return [(lead, at) for lead, at in losses if lead in again and _next(again[lead], at) != NEVER]


def _without_gaps(outcomes: Outcomes, gaps: Sequence[Gap]) -> Outcomes:
    """The rows without losses that were taken back."""
    back = {(gap.lead, gap.at) for gap in gaps if not gap.code}
    if not back:
        return outcomes
    stands = [(lead, at) not in back for lead, at in zip(outcomes.ids, outcomes.at.tolist(), strict=True)]
    return replace(outcomes, lost=outcomes.lost & np.array(stands))


def _next(moments: Sequence[int], after: int) -> int:
    return next((at for at in moments if at > after), NEVER)


def _words_of_the_crm(outcomes: Outcomes, leads: set[str]) -> dict[str, list[tuple[int, bool, str | None]]]:
    """Of each of these leads the CRM's outcomes: moment, won, deal."""
    found = defaultdict[str, list[tuple[int, bool, str | None]]](list)
    for i, lead in enumerate(outcomes.ids):
        if lead in leads and outcomes.at[i] != NEVER:
            deal = outcomes.deals[i] if outcomes.deals else None
            found[lead].append((int(outcomes.at[i]), bool(outcomes.won[i]), deal or None))
    return found


def _is_told_by(crm: Sequence[tuple[int, bool, str | None]], one: Said) -> bool:
    """Whether the CRM tells of the purchase that a salesperson told of."""
    week = SAME_PURCHASE_DAYS * DAY
    return any(is_confirmed(one.deal, deal, crm_won=won, apart=at - one.at, week=week) for at, won, deal in crm)


def _give_up(found: Told, more: _Rows, one: Said, again: dict[str, list[int]], *, by: int) -> None:
    """A loss by a salesperson's word: it stands, or there is a gap until the lead was taken up again."""
    taken_up = _next(again.get(one.lead, ()), one.at)
    if taken_up == NEVER:
        more.add(replace(one, value=float("nan")), won=False, by=by)
    else:
        found.gaps.append(Gap(one.lead, one.at, taken_up, ""))


def _refuse(found: Told, more: _Rows, one: Said, again: dict[str, list[int]]) -> None:
    means = REFUSALS[one.code].means
    if means is Means.LOST:
        _give_up(found, more, one, again, by=BY_REFUSAL)
    elif means is Means.UNKNOWN:
        found.gaps.append(Gap(one.lead, one.at, _next(again.get(one.lead, ()), one.at), one.code))
    else:
        found.no_word.add(one.lead)


def _with(outcomes: Outcomes, more: _Rows) -> Outcomes:
    """The CRM's rows, and the salespeople's behind them."""
    won = np.array(more.won, dtype=bool)
    by = np.concatenate((np.full(len(outcomes.ids), CRM), np.array(more.by, dtype=np.int64))).astype(np.int8)
    return Outcomes(
        [*outcomes.ids, *more.ids],
        np.concatenate((outcomes.won, won)),
        np.concatenate((outcomes.lost, ~won)),
        np.concatenate((outcomes.at, np.array(more.at, dtype=np.int64))),
        np.concatenate((outcomes.value, np.array(more.value, dtype=np.float64))),
        by=by,
    )


def _count_handovers(found: Told, said: Sequence[Said]) -> None:
    handed, answered = dict[str, int](), dict[str, int]()
    for one in said:
        last = handed if one.word == HANDED_OVER else answered
        last[one.lead] = max(last.get(one.lead, one.at), one.at)
    found.handed_over = set(handed)
    found.waiting = {lead for lead, at in handed.items() if answered.get(lead, at - 1) < at}
