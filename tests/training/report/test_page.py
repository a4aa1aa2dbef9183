"""The page: it loads nothing, escapes everything, says what `--json` says, and stands whatever the card is like."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from scoring import Field, Kind
from scoring.ratios import Kept
from tests.cards import living_card, small_card
from tests.training.worlds import lead_rows, write_csv
from training.gate import Gate
from training.history import read_history
from training.leakage import Finding, Leaks, Verdict
from training.mapping import Mapping
from training.report.evidence import Slice
from training.report.markup import table
from training.report.page import report_of
from training.train import Trained, train

from .made import HOSTILE, card_of, category, evidence, trained

MEGABYTE = 1_000_000
VOID = {"meta", "br"}


class Read(HTMLParser):
    """The elements and the words of a page; `faults` holds what is not closed as it was opened."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.words = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", self.words)


def read(found: Trained, mapping: Mapping | None = None) -> Read:
    page = Read(report_of(found, mapping or Mapping()))
    assert (page.faults, page.open) == ([], [])
    return page


OF_MADE = read(trained(small_card()))
"""Undated, without a level that has leads enough."""


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Mapping]:
    """A run on leads of which some come from a source with a hostile name."""
    rows = [{**r, "source": "<script>alert(1)</script>"} if r["source"] == "Fair" else r for r in lead_rows(400)]
    mapping = Mapping(outcome="outcome", won=("won",), lost=("lost",))
    path = write_csv(tmp_path_factory.mktemp("leads") / "leads.csv", rows)
    return train(read_history(path, mapping), mapping), mapping


def test_the_page_loads_and_runs_nothing(learned: tuple[Trained, Mapping]) -> None:
    page = report_of(*learned)
    assert not re.search(rb"https?://|//[a-z]|\bsrc\s*=|url\(|@import|<script|<link|<iframe|<img|\son[a-z]+=", page)
    for tag, attributes in Read(page).tags:
        assert tag not in ("script", "link", "img", "iframe", "object", "embed", "use", "image", "form", "base")
        assert all(value.startswith("#") for name, value in attributes.items() if name == "href" and value)


def test_a_level_of_a_stranger_is_shown_and_is_no_markup(learned: tuple[Trained, Mapping]) -> None:
    page = report_of(*learned).decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_hostile_names_are_escaped_wherever_they_stand() -> None:
    hostile = category(HOSTILE, 3, prefix=HOSTILE)
    finding = Finding(
        HOSTILE, Verdict.SUSPECT, HOSTILE, {"most_buy": {"leads": 0.1, "buyers": 0.2, "levels": [HOSTILE]}}
    )
    weak = Slice(HOSTILE, HOSTILE, 300, 10, 0.5, 0.5, 0.02, 0.5, 0.001)
    found = trained(card_of([hostile, category("b", 2)], pairs=1), evidence(slices=(weak,)), name=HOSTILE)
    found = replace(found, leaks=Leaks((replace(finding, verdict=Verdict.EXCLUDED),), (finding,), (HOSTILE,)))
    page = read(found, Mapping(outcome=HOSTILE, keep=(HOSTILE,), ignore=(HOSTILE,), monotone={HOSTILE: HOSTILE}))
    assert {tag for tag, _ in page.tags} >= {"table", "svg"}
    assert "script" not in {tag for tag, _ in page.tags}
    assert not {name for _, attributes in page.tags for name in attributes if name.startswith("on")}
    assert page.words.count("<script>alert(") >= 10
    assert "\x00" not in page.words


def test_the_same_model_gives_the_same_bytes(learned: tuple[Trained, Mapping]) -> None:
    assert report_of(*learned) == report_of(*learned)


def test_the_figures_on_the_page_are_those_of_the_summary(learned: tuple[Trained, Mapping]) -> None:
    found, mapping = learned
    text, said = read(found, mapping).text, found.summary()
    metrics = found.metrics
    assert said["metrics"] == metrics.as_dict()
    assert f"The best 20 % of leads hold {100 * metrics.buyers_in_top_20pct:.0f} % of the buyers." in text
    low, high = metrics.auc_ci
    assert f"AUC {metrics.auc:.3f} ({low:.3f} to {high:.3f})" in text
    assert f"Log loss {metrics.log_loss:.4f}, Brier score {metrics.brier:.4f}" in text
    assert f"calibration error {metrics.calibration_error:.3f}" in text
    for peer in (found.peers.yardstick, found.peers.logistic, found.peers.best_field):
        assert f"{peer.auc:.3f}{peer.auc_ci[0]:.3f} to {peer.auc_ci[1]:.3f}{peer.log_loss:.4f}" in text
    assert f"{found.rows:,}, of them {found.buyers:,} buyers" in text
    assert f"{found.split.test.rows:,} leads that the judged model never saw" in text


def test_suspects_come_first_with_the_question_to_ask() -> None:
    finding = Finding("Lead quality", Verdict.SUSPECT, "tells much by itself", {"auc_alone": 0.88})
    found = trained(small_card())
    found = replace(found, leaks=Leaks((), (finding,), ()), metrics_without_suspects=found.peers.base_rate)
    text = read(found).text
    start = text.index("What it learned from", text.index("What is not known"))
    assert text.index("Lead quality") < text.index("Old enough to know")
    assert f"AUC is {found.metrics.auc:.3f}, without them 0.500" in text[start:]
    assert "is this written before or after sales has spoken to the lead?" in text
    assert "AUC alone 0.88" in text


def test_evidence_is_told_in_words_and_what_shows_nothing_is_left_out() -> None:
    shown: dict[str, object] = {
        "auc_alone": 0.88,
        "like_what_others_say": 0.91,
        "dated_after_creation": 0.4,
        "dated_after_outcome": 0.12,
    }
    text = read(suspected(shown)).text
    assert "AUC alone 0.88; rank correlation 0.91 with what all other fields say; 40 % of its dates lie after" in text
    assert "12 % of its dates, where the outcome is known, lie after that day" in text
    nothing = read(suspected(dict.fromkeys(shown, 0.0))).text
    assert "AUC alone 0.00" in nothing
    assert "of its dates" not in nothing
    assert "what all other fields say" not in nothing


def suspected(evidence: dict[str, object]) -> Trained:
    found = trained(small_card())
    return replace(found, leaks=Leaks((), (Finding("x", Verdict.SUSPECT, "why", evidence),), ()))


def test_the_headline_says_what_is_left_without_the_fields_under_suspicion() -> None:
    found = trained(small_card())
    without = "without them the best 20 % hold 20 % of the buyers"
    suspect = Finding("Lead quality", Verdict.SUSPECT, "tells much by itself", {})
    doubted = replace(found, leaks=Leaks((), (suspect,), ()), metrics_without_suspects=found.peers.base_rate)
    assert without in read(doubted).text
    assert without not in read(found).text


def test_the_headline_says_with_the_gates_word_that_promises_are_off() -> None:
    found, fit = trained(small_card()), "Fit to serve. "
    assert found.metrics.calibration.kept is Kept.AS_PROMISED
    assert fit in read(found).text
    calibration = replace(found.metrics.calibration, observed_expected=0.71, observed_expected_ci=(0.56, 0.89))
    bold = replace(found, metrics=replace(found.metrics, calibration=calibration))
    said = "it promises too much: for every buyer that it promised of the test leads, 0.71 bought. "
    assert f"Fit to rank and serve; {said}" in read(bold).text
    assert fit not in read(bold).text
    kept = replace(bold, gate=Gate("keep", ("behind model 1",)))
    assert f"Not fit to serve; {said}Behind model 1." in read(kept).text
    calibration = replace(calibration, observed_expected=1.3, observed_expected_ci=(1.1, 1.5))
    shy = replace(found, metrics=replace(found.metrics, calibration=calibration))
    assert "it promises too little: for every buyer that it promised of the test leads, 1.30 bought" in read(shy).text


def test_a_ratio_of_grades_comes_with_the_leads_it_was_counted_on() -> None:
    assert re.search(r"do A leads buy as D leads: \d+ % of 40 against [\d.]+ % of 160 test leads", OF_MADE.text)


def test_a_history_without_dates_has_no_last_12_months() -> None:
    assert "Grades are cut on the leads that it learned from" in OF_MADE.text
    assert "last 12 months" not in OF_MADE.text


def test_what_could_not_be_looked_at_is_not_praised() -> None:
    assert "No level has test leads enough to be judged by itself." in OF_MADE.text
    assert "its order inside levels is not known" in OF_MADE.text


def test_no_line_ends_within_a_figure_of_a_table_and_words_may_wrap() -> None:
    row = ("AUC", "0.7644", "\u22120.0012 to +0.0031", "1; below 1 the best leads are promised too much", "12 <b>")
    made = table(("", "a", "b", "c", "d"), [row])
    assert '<td class="n">0.7644</td><td class="n">\u22120.0012 to +0.0031</td><td>1; below 1' in made
    assert '<td class="n">12 &lt;b&gt;</td>' in made


def test_every_percent_sign_of_the_page_stands_apart_from_its_number() -> None:
    found = replace(trained(small_card()), notes=("18% of leads are young",))
    page = report_of(found, Mapping()).decode()
    words = re.sub("<style>.*?</style>", "", page, flags=re.DOTALL)
    assert "18\u00a0% of leads" in page
    assert not re.search(r"\d ?%", words)


def test_the_gains_are_drawn_between_a_perfect_ranking_and_none() -> None:
    drawn = [attributes.get("class") for _, attributes in OF_MADE.tags]
    assert {"line perfect", "note perfect", "line chance", "note chance"} <= set(drawn)
    share = 100 * min(1.0, 0.2 / float(trained(small_card()).evidence.bought.mean()))
    assert re.search(rf"knew every buyer beforehand, would hold \d+ % and {share:.0f} %", OF_MADE.text)


def test_the_words_of_the_user_stand_in_the_model_card() -> None:
    page = read(trained(small_card()), Mapping(keep=("visits",), ignore=("notes",)))
    assert "(--keep)visits" in page.text
    assert "(--ignore)notes" in page.text


@pytest.mark.parametrize("dated", [True, False])
def test_months_are_drawn_where_there_are_dates(dated: bool) -> None:
    found = trained(living_card(), evidence(dated=dated))
    assert ("Promised and happened over time" in read(found).text) is dated


CARDS = {
    "no field at all": card_of([]),
    "one field": card_of([category("only", 3)]),
    "a field without a level": card_of([category("bare", 0)]),
    "a number without edges": card_of([Field("n", Kind.NUMBER)]),
    "no counts": card_of([replace(category("a", 3), counts=(), buyers=())]),
    "no points": card_of([category("a", 3), category("b", 3)], pairs=1, points=0.0),
    "all kinds": living_card(),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_degenerate_card_has_a_page(name: str) -> None:
    assert "Model card" in read(trained(CARDS[name])).text


def test_of_many_fields_the_40_that_move_leads_most_are_drawn_and_the_rest_listed() -> None:
    fields = [
        category(f"field {i}".ljust(200, "x"), 60, prefix="a level with a long name and more ") for i in range(200)
    ]
    found = trained(card_of(fields, pairs=40))
    page = read(found)
    assert sum(attributes.get("class") == "card" for _, attributes in page.tags) == 40 + 12
    assert "160 more fields, which move leads less" in page.text
    assert "28 more pairs, which move leads less" in page.text
    assert len(report_of(found, Mapping())) < 1.5 * MEGABYTE


def test_every_picture_has_words_on_what_to_read_from_it() -> None:
    page = read(trained(small_card(), evidence(dated=True)))
    tags = [tag for tag, _ in page.tags]
    assert tags.count("figure") == tags.count("figcaption") == 4


def test_it_is_on_the_shelf(learned: tuple[Trained, Mapping], tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from models.registry import Registry
    from models.shelf import Shelf
    from training.publish import publish

    (tmp_path / "no-folder").touch()
    nowhere = Registry(f"sqlite:///{tmp_path}/no-folder/mlflow.db", tmp_path)
    done = publish(
        *learned, Shelf(tmp_path / "shelf"), nowhere, id_column=None, at=datetime(2026, 1, 5, tzinfo=UTC), by="test"
    )
    assert done.published.report is not None
    assert done.published.report.read_bytes() == report_of(*learned)


@pytest.mark.parametrize(
    ("seed", "shift", "word", "months_off"), [(2, 0.0, None, 1), (7, 0.0, "fewer", 0), (2, -0.22, "more", 1)]
)
def test_every_sentence_on_promises_follows_one_test(
    seed: int, shift: float, word: str | None, months_off: int
) -> None:
    """Months may hide what all leads show together: then the page says so, and praises nowhere what it blames above."""
    seen = evidence(1200, seed=seed, dated=True)
    log_odds = seen.log_odds + shift
    found = trained(living_card(), replace(seen, log_odds=log_odds, probability=1 / (1 + np.exp(-log_odds))))
    calibration, text = found.metrics.calibration, read(found).text
    assert calibration.observed_expected_ci is not None
    low, high = calibration.observed_expected_ci
    assert text.count(f"observed/expected {calibration.observed_expected:.2f} ({low:.2f} to {high:.2f})") == 2
    assert text.count("no more apart than chance explains") == (2 if word is None else 0)
    assert text.count(f"{word} than promised, beyond what chance explains") == (0 if word is None else 2)
    assert re.search(rf"In {months_off} of \d+ times", text)
    hidden = f"Over all leads together {word} bought than promised: a time by itself has too few leads to show it."
    assert (hidden in text) is (word is not None and not months_off)
    assert f"Calibration slope{calibration.slope:.2f}" in text
