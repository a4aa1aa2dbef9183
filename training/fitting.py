"""From what is known of leads to fitted cards: rows, completed labels, the card and what it says beside."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.batch import Scores, TableScorer
from scoring.columns import Column
from scoring.scorecard import Scorecard
from scoring.snapshot import Derived

from .activities import derivable
from .boosting import Progress
from .censoring import Method
from .families import Chosen
from .hazard import completed
from .heads import short_head, value_head
from .history import History
from .labels import Labels
from .learn import Learned, learn_rows, telling
from .mapping import Mapping
from .rows import Rows
from .snapshots import Snapshots, table_of
from .split import Known, known_at

Flags = NDArray[np.bool_]

COUNTED_LOOKS = 100_000
"""Looks at which everything is counted that may be derived: of more, memory would go to columns that say nothing."""


@dataclass(frozen=True)
class Fitting:
    """What every fit of one training run shares. columns: those that may become fields; vetoed: what is not counted."""

    history: History
    columns: dict[str, Column]
    labels: Labels
    mapping: Mapping
    seed: int
    vetoed: frozenset[str] = frozenset()

    def without(self, names: frozenset[str]) -> Fitting:
        """The same without some columns."""
        return replace(self, columns={name: c for name, c in self.columns.items() if name not in names})

    def learn(
        self,
        known: Known,
        *,
        until: int | None,
        horizon_days: int | None,
        progress: Progress | None = None,
        chosen: Chosen | None = None,
    ) -> Fitted:
        """Fit on what was known at `until` (seconds since 1970, None without dates)."""
        seen = self.rows(known, until)
        whole = self.completed(seen, known)
        learned = learn_rows(
            whole,
            kinds=self._kinds(),
            horizon_days=horizon_days,
            seed=self.seed,
            monotone=self.mapping.monotone,
            chosen=chosen,
            progress=progress,
        )
        card = self._with_value(self._with_short(learned.card, until, horizon_days), seen)
        return Fitted(replace(learned, card=card), whole)

    def rows(self, known: Known, until: int | None, derived: tuple[Derived, ...] | None = None) -> Rows:
        """The rows of what is known, with these derived fields, or with all that may be derived."""
        looks, censored = known.looks, known.censored
        if derived is None:
            derived = () if censored is None or until is None else self._worth_counting(known, until)
        first = looks.take(np.unique(looks.lead, return_index=True)[1])
        weight, level = None, None
        if censored is not None:
            weighed = censored.method is not Method.HAZARD
            weight, level = (censored.weight, censored.level) if weighed else (looks.weight, None)
        grouped = censored is not None or self.history.company is not None
        return Rows(
            table=table_of(self.history, self.columns, looks, derived),
            bought=known.bought,
            as_of=looks.as_of,
            weight=weight,
            level=level,
            group=self.history.groups[looks.lead] if grouped else None,
            lead=looks.lead,
            derived=derived,
            leads=table_of(self.history, self.columns, first, ()),
            leads_as_of=first.as_of,
        )

    def completed(self, rows: Rows, known: Known) -> Rows:
        """The rows with the labels that leads too young to know will have, where these are estimated."""
        if known.censored is None or known.censored.method is not Method.HAZARD:
            return rows
        return completed(rows, known.censored, self._kinds())

    def table(self, card: Scorecard, looks: Snapshots) -> dict[str, Column]:
        """What a card looks at, of n looks."""
        names = {f.name for f in card.fields}
        columns = {name: c for name, c in self.history.columns.items() if name in names}
        return table_of(self.history, columns, looks, card.derived)

    def score(self, card: Scorecard, looks: Snapshots) -> Scores:
        """A card's scores of n looks, as a file of these leads would be scored then."""
        return TableScorer(card).score(self.table(card, looks), looks.rows, as_of=looks.as_of, reasons=0)

    def _kinds(self) -> dict[str, str]:
        return {n: k for n, k in self.mapping.kinds.items() if n in self.columns}

    def _worth_counting(self, known: Known, until: int) -> tuple[Derived, ...]:
        """What may be derived; for very many looks only what tells something of a sample of the leads."""
        found = self._derivable(until)
        share = COUNTED_LOOKS / known.looks.rows
        if share >= 1 or not found:
            return found
        leads = np.argsort(self.history.keys, kind="stable")[: round(share * self.history.rows)]
        some = np.isin(known.looks.lead, leads)
        return telling(self.rows(known.take(some), until, found), kinds=self._kinds())

    def _derivable(self, until: int) -> tuple[Derived, ...]:
        found = derivable(self.history.lives, until, aged=True)
        return tuple(d for d in found if d.field not in self.history.columns and d.field not in self.vetoed)

    def _with_short(self, card: Scorecard, until: int | None, horizon_days: int | None) -> Scorecard:
        """The card with the chance within the short horizon; not where that is no shorter, or nothing is dated."""
        days = self.mapping.short_horizon_days
        if until is None or horizon_days is None or days >= horizon_days:
            return card
        known = known_at(self.history, self.labels, days, until)
        rows = self.completed(self.rows(known, until, card.derived), known)
        return replace(card, short_horizon_days=days, short=short_head(card, rows))

    def _with_value(self, card: Scorecard, rows: Rows) -> Scorecard:
        """The card with the value of a purchase; not where no purchase has one."""
        assert rows.lead is not None
        value = self.history.value[rows.lead]
        buyers = np.flatnonzero(rows.bought & np.isfinite(value) & (rows.weights > 0))
        if not len(buyers):
            return card
        return replace(card, value=value_head(card, rows.take(buyers), value[buyers]))


@dataclass(frozen=True)
class Fitted:
    """A learned card, and the rows that it was learned from, completed where labels had to be."""

    learned: Learned
    rows: Rows

    @property
    def card(self) -> Scorecard:
        """The card."""
        return self.learned.card
