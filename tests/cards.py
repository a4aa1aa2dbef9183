"""A small scorecard made by hand, for tests that need one and not a training run."""

from __future__ import annotations

from dataclasses import replace

from scoring import Field, Head, Kind, Main, Pair, Scorecard
from scoring.scorecard import SCALE, reference_from
from scoring.snapshot import Measure, named
from scoring.values import MISSING_WORDS


def steps(log_odds: float) -> int:
    """Log-odds as a table's integer."""
    return round(log_odds * SCALE)


FIELDS = (
    Field(
        "Lead source",
        Kind.CATEGORY,
        levels=("referral", "web search", "cold list"),
        labels=("Referral", "Web search", "Cold list"),
        counts=(30, 20, 300, 400, 250),
        buyers=(1, 1, 123, 40, 5),
    ),
    Field(
        "Employees", Kind.NUMBER, edges=(10.0, 50.0, 250.0), counts=(0, 400, 300, 200, 100), buyers=(0, 20, 40, 60, 50)
    ),
    Field(
        "Do not call", Kind.FLAG, levels=("no", "yes"), labels=("no", "yes"), counts=(0, 900, 100), buyers=(0, 160, 10)
    ),
    Field(
        "Job title",
        Kind.TEXT,
        levels=("vp", "sales", "intern"),
        labels=("vp", "sales", "intern"),
        counts=(50, 950, 200, 300, 100),
        buyers=(5, 165, 80, 60, 1),
    ),
    Field(
        "Last funding",
        Kind.DATE,
        edges=(30.0, 90.0, 365.0),
        counts=(500, 50, 100, 150, 200),
        buyers=(80, 15, 25, 25, 25),
    ),
    Field(
        "E-mail",
        Kind.EMAIL,
        levels=("free mail", "company mail"),
        labels=("free mail", "company mail"),
        counts=(100, 400, 500),
        buyers=(5, 40, 125),
    ),
)


def small_card(shift: float = 0.0) -> Scorecard:
    """Six fields of all kinds, one pair; `shift` moves the base, so that two cards give different scores."""
    return Scorecard(
        base=steps(-1.6 + shift),
        fields=FIELDS,
        mains=(
            Main(0, tuple(map(steps, (-0.2, -0.4, 0.9, 0.1, -1.1)))),
            Main(1, tuple(map(steps, (0.0, -0.6, 0.1, 0.7, 1.0)))),
            Main(2, tuple(map(steps, (0.0, 0.05, -0.5)))),
            Main(3, tuple(map(steps, (-0.3, -0.05, 0.8, 0.2, -1.3)))),
            Main(4, tuple(map(steps, (-0.1, 0.5, 0.3, 0.1, -0.2)))),
            Main(5, tuple(map(steps, (-0.4, -0.2, 0.25)))),
        ),
        pairs=(
            Pair(
                0,
                1,
                (0, 0, 1, 2, 2),
                (0, 1, 1, 2, 2),
                tuple(map(steps, (0.0, 0.1, -0.1, 0.0, -0.2, 0.2, 0.0, 0.1, -0.15))),
            ),
        ),
        reference=reference_from([steps(-4 + 5 * i / 2000) for i in range(2000)]),
        missing_words=tuple(sorted(MISSING_WORDS)),
        horizon_days=90,
        buyers_share=0.17,
    )


DEMOS, AGE = named(Measure.COUNT, "demo", 30), named(Measure.AGE)


def living_card() -> Scorecard:
    """The small card that also looks at demos and at the lead's age, with a short horizon and deal values.

    Companies of many employees buy less often, and for much more.
    """
    card = small_card()
    demos = Field(DEMOS.field, Kind.NUMBER, edges=(1.0, 3.0), counts=(0, 700, 200, 100), buyers=(0, 60, 60, 50))
    age = Field(AGE.field, Kind.NUMBER, edges=(10.0, 60.0), counts=(0, 500, 300, 200), buyers=(0, 100, 50, 20))
    more = (Main(6, tuple(map(steps, (0.0, -0.3, 0.6, 1.4)))), Main(7, tuple(map(steps, (0.0, 0.2, 0.0, -0.5)))))
    return replace(
        card,
        fields=(*card.fields, demos, age),
        mains=(*card.mains, *more),
        derived=(DEMOS, AGE),
        short_horizon_days=30,
        short=Head(steps(-0.9), SCALE, (Main(7, tuple(map(steps, (0.0, 0.4, 0.0, -0.4)))),), 0.06),
        value=Head(steps(7.0), 0, (Main(1, tuple(map(steps, (0.0, -1.5, 0.0, 1.5, 4.0)))),), 2000.0),
    )
