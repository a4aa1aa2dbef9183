"""The report: whole in one file, harmless whatever a lead is called, and true to what `train` says."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from scoring import Scorecard
from scoring.batch import TableScorer
from scoring.fields import Field, Kind
from tests.cards import living_card, small_card
from training.mapping import Mapping
from training.report.charts import Plane, heat_map, rounded, swing
from training.report.evidence import JudgedLeads, evidence_of
from training.report.glass import card_in_pictures
from training.report.page import page_of
from training.train import Trained, train

from ..test_train import history_of
from ..worlds import texts, world

HOSTILE = "<script>alert('x')</script><img src=x onerror=y>"


@pytest.fixture(scope="module")
def trained() -> Trained:
    found = world(700)
    odd = texts([(HOSTILE, "fine", "x" * 200, "\N{GRINNING FACE}")[i % 4] for i in range(700)])
    history = history_of(replace(found, columns={**found.columns, f"odd {HOSTILE}": odd}), days=800)
    return train(replace(history, value=np.where(history.won, 100.0 + np.arange(700), np.nan)), Mapping())


@pytest.fixture(scope="module")
def page(trained: Trained) -> str:
    return page_of(trained, evidence_of(trained.judged, trained.on_test)).decode("utf-8")


class Reader(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_it_needs_nothing_else_and_runs_nothing(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert not {tag for tag, _ in reader.tags} & {"script", "img", "link", "iframe", "object", "base", "form"}
    assert not {name for _, given in reader.tags for name in given if name.startswith("on") or name in ("src", "href")}
    assert not re.search(r"https?://|url\(|@import", page)


def test_what_leads_are_called_is_shown_as_text(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_its_figures_are_those_of_the_training_run(page: str, trained: Trained) -> None:
    said = trained.summary()
    metrics = said["metrics"]
    assert isinstance(metrics, dict)
    assert f"AUC {metrics['auc']:.3f}" in page
    assert f"{100 * metrics['buyers_in_top_20pct']:.0f}\N{NO-BREAK SPACE}%" in page
    assert f"{trained.rows:,}, of them {trained.buyers:,} buyers" in page
    for heading in (
        "What it learned from",
        "How good it is",
        "What it looks at",
        "The price of glass",
        "Where it errs",
    ):
        assert heading in page
    for name in ("staff", "source", "visits"):
        assert f">{name}</h4>" in page


def test_the_same_model_gives_the_same_bytes(page: str, trained: Trained) -> None:
    assert page_of(trained, evidence_of(trained.judged, trained.on_test)).decode("utf-8") == page
    assert len(page) < 1_500_000


def test_gains_are_those_of_the_ranking_and_lie_in_their_interval(trained: Trained) -> None:
    gains = evidence_of(trained.judged, trained.on_test).gains
    by_share = {round(s, 2): (v, low, high) for s, v, low, high in gains}
    assert by_share[0.2][0] == pytest.approx(trained.metrics.buyers_in_top_20pct)
    assert all(low - 1e-9 <= v <= high + 1e-9 for v, low, high in by_share.values())
    assert by_share[1.0] == (1, 1, 1)


def test_a_level_whose_promise_is_not_kept_is_named_and_others_are_not() -> None:
    card, rows = small_card(), 4000
    dice = np.random.default_rng(1)
    table = {"Lead source": texts([("Referral", "Web search", "Cold list")[i] for i in dice.integers(0, 3, rows)])}
    scores = TableScorer(card).score(table, rows, as_of=np.zeros(rows, dtype=np.int64), reasons=0)
    chance = 1 / (1 + np.exp(-scores.log_odds / 2**20))
    codes = np.zeros((rows, len(card.fields)), dtype=np.int32)
    codes[:, 0] = 2 + table["Lead source"].index
    wrong = np.where(codes[:, 0] == 3, np.minimum(1, 3 * chance), chance)
    leads = JudgedLeads(dice.random(rows) < wrong, scores, np.full(rows, np.nan), None, codes)
    assert [p.name for p in evidence_of(card, leads).slices] == ["Lead source: Web search"]
    right = replace(leads, bought=dice.random(rows) < chance)
    assert evidence_of(card, right).slices == []


@pytest.mark.parametrize("card", [small_card(), living_card(), replace(small_card(), pairs=(), mains=())])
def test_every_card_can_be_drawn(card: Scorecard) -> None:
    drawn = card_in_pictures(card)
    assert drawn.count("<section") == len(card.mains) + len(card.pairs)
    assert "nan" not in drawn


def test_many_fields_are_shown_by_their_spread_and_the_rest_as_a_list() -> None:
    card = small_card()
    fields = tuple(
        Field(f"f{i}", Kind.FLAG, levels=("no", "yes"), labels=("no", "yes"), counts=(0, 5, 5), buyers=(0, 1, 2))
        for i in range(60)
    )
    mains = tuple(replace(card.mains[2], field=i) for i in range(60))
    drawn = card_in_pictures(replace(card, fields=fields, mains=mains, pairs=()))
    assert drawn.count("<section") == 40
    assert "20 more fields" in drawn


def test_pictures_hold_without_spread() -> None:
    assert rounded(0) == 1.0
    assert rounded(33.5) == 40.0
    assert 'width="0.5"' in swing(0.0, 0.0)
    assert "nan" not in heat_map(["a"], ["b"], [[0.0]], 0.0)
    assert "nan" not in Plane(0, 0, "x", "y", "none").svg([])
