"""Leads as they came in: a fair sample of the newest, each as it was first scored, and how they fall into bins."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Subquery, and_, func, select

from scoring.fields import ABSENT, FIRST, MISSING, OTHER, Field, Kind, Warn, age_coder, coder, word_coder
from scoring.scorecard import Scorecard
from scoring.snapshot import Measure
from service.life.tables import past_scores

from .drift import Bins
from .promises import SECOND, bought_within
from .sampling import count_of, every_kth, newest

MOST = 2_000
"""Leads that are looked at: of more, a quarter of a standard deviation is seen as well."""

DAY = 86_400
FRESH = 7 * DAY
"""Seconds from coming in to the first score: one that was given later does not show the lead as it came in."""

PROMPT = DAY
"""Seconds within which what a lead does has not begun to tell: its life is compared where it was scored so soon."""

TEXT_BINS = ("not given", "no word that the model knows", "words that the model knows")


class Arrived(NamedTuple):
    """A lead as it was first scored. came, as_of: when it came in and was scored, seconds since 1970.

    bought: within the horizon that was asked for.
    """

    model: str
    came: int
    as_of: int
    snapshot: Mapping[str, object]
    bought: bool


def arrived(connection: Connection, *, since: int, until: int, horizon: int = 0, least: int = 0) -> list[Arrived]:
    """Leads that came in within a time, every k-th of them by when they came, so that there are at most MOST.

    since, until: seconds since 1970; horizon: seconds. least: where they are fewer, the newest so many until then.
    """
    chosen, _ = every_kth(connection, since * SECOND, until * SECOND, MOST)
    if least and count_of(connection, chosen) < least:
        chosen = newest(until * SECOND, least)
    return _as_first_scored(connection, chosen, horizon)


def _as_first_scored(connection: Connection, chosen: Subquery, horizon: int) -> list[Arrived]:
    first = (
        select(func.min(past_scores.c.seq).label("seq"), func.max(chosen.c.at).label("at"))
        .join(chosen, chosen.c.id == past_scores.c.lead_id)
        .group_by(past_scores.c.lead_id)
        .subquery()
    )
    query = select(
        past_scores.c.model,
        first.c.at,
        past_scores.c.as_of,
        past_scores.c.snapshot,
        bought_within(horizon).label("bought"),
    ).join(first, and_(first.c.seq == past_scores.c.seq, past_scores.c.as_of <= first.c.at / SECOND + FRESH))
    return [
        Arrived(row.model, row.at // SECOND, row.as_of, json.loads(row.snapshot), bool(row.bought))
        for row in connection.execute(query.order_by(past_scores.c.seq))
    ]


def watched(card: Scorecard) -> list[Field]:
    """The fields that say who comes in: all but the lead's own age, which says when we looked."""
    ages = {d.field for d in card.derived if d.measure is Measure.AGE}
    return [field for field in card.fields if field.name not in ages]


def bins_of(
    card: Scorecard,
    looks: Iterable[tuple[Mapping[str, object], int]],
    prompt: Sequence[tuple[Mapping[str, object], int]] | None = None,
) -> dict[str, Bins]:
    """How leads, each a snapshot and its moment (seconds since 1970), fall into the bins of every watched field.

    prompt: of these leads those that were scored as soon as they came in, all where it is left out: what is counted
    from a lead's life changes with the days, and is looked at of these alone. It is left out too where another
    model's snapshot does not have it.
    """
    words, derived = frozenset(card.missing_words), {d.field for d in card.derived}
    seen = list(looks)
    alive = seen if prompt is None else prompt
    return {
        field.name: _bins(
            field, _code_of(field, words), alive if field.name in derived else seen, field.name in derived
        )
        for field in watched(card)
    }


def _bins(
    field: Field,
    code_of: Callable[[object, int], int],
    looks: Sequence[tuple[Mapping[str, object], int]],
    given: bool,
) -> Bins:
    counts = [0] * (len(TEXT_BINS) if field.kind is Kind.TEXT else field.size)
    strange = 0
    for snapshot, as_of in looks:
        if given and field.name not in snapshot:
            continue
        code = code_of(snapshot.get(field.name, ABSENT), as_of)
        counts[code & Warn.MASK] += 1
        strange += code & ~Warn.MASK in (Warn.UNSEEN, Warn.INVALID)
    return Bins(counts, strange)


def _code_of(field: Field, words: frozenset[str]) -> Callable[[object, int], int]:
    if field.kind is Kind.TEXT:
        read = word_coder(field, words)
        return lambda value, _: _text_code(read(value))
    if field.kind is Kind.DATE:
        return age_coder(field, words)
    code = coder(field, words)
    return lambda value, _: code(value)


def _text_code(codes: tuple[int, ...]) -> int:
    if codes[0] & Warn.MASK == MISSING:
        return codes[0]
    return FIRST[Kind.TEXT] if len(codes) > 1 else OTHER


def published_bins(card: Scorecard, about: Mapping[str, Any]) -> dict[str, Bins] | None:
    """How the leads that a model learned from fell into bins when they came in; None where it does not say."""
    said = about.get("arrivals")
    found = said.get("fields") if isinstance(said, Mapping) else None
    if not isinstance(found, Mapping):
        return None
    read = {field.name: _published(field, found.get(field.name)) for field in watched(card)}
    return {name: bins for name, bins in read.items() if bins is not None}


def _published(field: Field, raw: object) -> Bins | None:
    """Bins as training wrote them; None for what does not fit the field, as a later version may write."""
    counts, strange = (raw.get("counts"), raw.get("strange", 0)) if isinstance(raw, Mapping) else (None, 0)
    size = len(TEXT_BINS) if field.kind is Kind.TEXT else field.size
    if not (isinstance(counts, list) and len(counts) == size and all(type(c) is int and c >= 0 for c in counts)):
        return None
    return Bins(counts, strange if type(strange) is int and strange >= 0 else 0)
