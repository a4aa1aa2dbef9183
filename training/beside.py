"""What a card is held against on its test leads: earlier champions, and peers that see the same fields and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scoring.scorecard import SCALE, Scorecard
from scoring.values import MISSING_WORDS

from .baselines import Peers, peers
from .design import Design, canonical_order, design_of
from .fitting import Fitting
from .rivals import Rival
from .rows import Rows
from .split import Split


def later_codes(fitting: Fitting, parts: Split, card: Scorecard) -> Design:
    """The test leads' codes by a card."""
    test = parts.test
    return design_of(card.fields, fitting.table(card, test), MISSING_WORDS, rows=test.rows, as_of=test.as_of)


def peers_beside(fitting: Fitting, parts: Split, card: Scorecard, rows: Rows, later: Design) -> Peers:
    """Peers of a card that was learned from these rows. later: the test leads."""
    seen = design_of(card.fields, rows.table, MISSING_WORDS, rows=rows.rows, as_of=rows.as_of)
    seen = replace(seen, weight=rows.weight, group=rows.group)
    order = canonical_order(seen, rows.weights.view(np.int64), rows.bought.astype(np.int64))
    return peers(seen.take(order), rows.bought[order], later, parts.test_bought, seed=fitting.seed)


def log_odds_of(fitting: Fitting, parts: Split, rivals: Sequence[Rival]) -> dict[str, NDArray[np.float64]]:
    """The log-odds that earlier champions give the test leads, by version; of those that did not learn from them."""
    fair = [rival for rival in rivals if rival.is_fair(parts.cut)]
    return {rival.version: fitting.score(rival.card, parts.test).log_odds / SCALE for rival in fair}
