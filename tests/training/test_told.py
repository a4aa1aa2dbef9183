"""What salespeople said as labels: a refusal means what its reason means, silence means nothing, the CRM's word wins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.values import DAY
from training.history import History, read_history
from training.labels import label
from training.mapping import Mapping
from training.outcomes import NEVER
from training.report.page import report_of
from training.split import everything
from training.words import words_in_words, words_of

from .report.made import card_of, trained
from .worlds import moment, write_csv

CREATED = "2024-01-01T00:00:00"
END = "2024-12-31T00:00:00"


def on(day: int) -> str:
    """So many days after creation."""
    return str(np.datetime64(CREATED) + np.timedelta64(day, "D"))


def said(word: str, day: int, **more: Any) -> dict[str, Any]:
    return {"lead_id": "L1", "feedback": word, "at": on(day), "reason": "", "value": "", "deal_id": ""} | more


def became(outcome: str, day: int, **more: Any) -> dict[str, Any]:
    return {"lead_id": "L1", "outcome": outcome, "at": on(day), "value": "", "deal_id": ""} | more


def told(folder: Path, *rows: dict[str, Any], handovers: tuple[int, ...] = ()) -> History:
    """The history of lead L1, with what was said of it; L2 bought, so that there is a purchase at all."""
    folder.mkdir(exist_ok=True)
    write_csv(folder / "leads.csv", [{"lead_id": i, "created_at": CREATED, "n": 1} for i in ("L1", "L2", "L3")])
    other = became("won", 5, lead_id="L2")
    last = {"lead_id": "L3", "outcome": "lost", "at": END, "value": "", "deal_id": ""}
    write_csv(folder / "outcomes.csv", [other, last, *(r for r in rows if "outcome" in r)])
    if feedback := [r for r in rows if "feedback" in r]:
        write_csv(folder / "feedback.csv", feedback)
    if handovers:
        write_csv(folder / "handovers.csv", [{"lead_id": "L1", "at": on(day)} for day in handovers])
    return read_history(folder, Mapping())


def day_of(at: int) -> float | None:
    return None if at == NEVER else (int(at) - moment(CREATED)) / DAY


def story(found: History) -> tuple[float | None, float | None, list[tuple[float | None, float | None]]]:
    """Of L1: the day of its purchase, of its loss, and the stops from day to day."""
    assert found.lost_at is not None
    stops = found.stops
    gaps = (
        []
        if stops is None
        else [(day_of(at), day_of(again)) for at, again in zip(stops.at.tolist(), stops.again.tolist(), strict=True)]
    )
    return day_of(found.won_at[0]), day_of(found.lost_at[0]), gaps


@pytest.mark.parametrize("reason", ["bad_data", "A duplicate", "not reached", "wrong-person"])
def test_a_lead_that_was_refused_as_bad_data_is_unknown_from_then_on_and_not_lost(tmp_path: Path, reason: str) -> None:
    assert story(told(tmp_path, said("refused", 10, reason=reason))) == (None, None, [(10, None)])


@pytest.mark.parametrize("reason", ["no_need", "No budget", "bought elsewhere: a rival"])
def test_a_reason_that_says_that_it_will_not_buy_is_a_loss_at_that_moment(tmp_path: Path, reason: str) -> None:
    found = told(tmp_path, said("refused", 10, reason=reason))
    assert story(found) == (None, 10, [])
    assert words_of(found)["losses"] == {"crm": 1, "sales": 0, "refused": 1}


@pytest.mark.parametrize("reason", ["too small", "", "other"])
def test_any_other_text_is_no_word_on_buying(tmp_path: Path, reason: str) -> None:
    found = told(tmp_path, said("refused", 10, reason=reason))
    assert story(found) == (None, None, [])
    assert words_of(found)["no_word_on_buying"] == 1


def test_not_now_is_open(tmp_path: Path) -> None:
    assert story(told(tmp_path, said("not_now", 10, until=on(400)))) == (None, None, [])


def test_who_was_handed_over_and_never_answered_is_open_and_not_lost(tmp_path: Path) -> None:
    found = told(tmp_path, handovers=(3,))
    assert story(found) == (None, None, [])
    assert (words_of(found)["handed_over"], words_of(found)["waiting"]) == (1, 1)
    assert words_of(told(tmp_path / "b", said("accepted", 4), handovers=(3,)))["waiting"] == 0


def test_lost_by_the_seller_is_lost_at_its_moment(tmp_path: Path) -> None:
    assert story(told(tmp_path, said("lost", 20, reason="whatever"))) == (None, 20, [])


def test_won_by_the_seller_counts_with_its_value(tmp_path: Path) -> None:
    found = told(tmp_path, said("won", 20, value=70))
    assert (story(found), found.value[0]) == ((20, None, []), 70)
    assert words_of(found)["purchases"] == {"crm": 1, "sales": 1}


@pytest.mark.parametrize(
    ("crm", "seller", "first", "by_sales"),
    [
        ({"day": 26}, {"day": 20}, 26, 0),
        ({"day": 28}, {"day": 20}, 20, 1),
        ({"day": 60, "deal_id": "D"}, {"day": 20, "deal_id": "D"}, 60, 0),
        ({"day": 60, "deal_id": "D"}, {"day": 20, "deal_id": "E"}, 20, 1),
    ],
)
def test_a_purchase_told_twice_is_the_crm_s(
    tmp_path: Path, crm: dict[str, Any], seller: dict[str, Any], first: int, by_sales: int
) -> None:
    rows = became("won", crm.pop("day"), **crm), said("won", seller.pop("day"), **seller)
    found = told(tmp_path, *rows)
    assert story(found)[0] == first
    assert words_of(found)["purchases"]["crm"] == 2


def test_the_crm_s_purchase_wins_over_any_refusal(tmp_path: Path) -> None:
    found = told(tmp_path, said("refused", 10, reason="bad_data"), became("won", 30))
    assert label(found, 90).known.all()
    assert label(found, 90).bought.tolist() == [True, True, False]
    lost_first = told(tmp_path / "b", said("refused", 10, reason="no_need"), became("won", 30))
    assert (story(lost_first)[:2], lost_first.lost[0]) == ((30, 10), False)


@pytest.mark.parametrize("back", ["accepted", "not_now"])
def test_who_is_taken_up_again_is_followed_from_then_on(tmp_path: Path, back: str) -> None:
    rows = said("refused", 10, reason="bad_data"), said(back, 15)
    assert story(told(tmp_path, *rows)) == (None, None, [(10, 15)])
    lost = told(tmp_path / "b", said("refused", 10, reason="no_need"), said(back, 15))
    assert story(lost) == (None, None, [(10, 15)])
    again = told(tmp_path / "c", said("lost", 10), handovers=(15,))
    assert story(again) == (None, None, [(10, 15)])


def test_the_crm_takes_a_loss_back_with_open(tmp_path: Path) -> None:
    assert story(told(tmp_path, became("lost", 10), became("open", 40))) == (None, None, [(10, 40)])
    still = told(tmp_path / "b", became("open", 5), became("lost", 10))
    assert story(still) == (None, 10, [])


def test_of_one_deal_the_last_word_counts(tmp_path: Path) -> None:
    rows = became("won", 10, deal_id="D"), became("lost", 30, deal_id="D")
    assert story(told(tmp_path, *rows)) == (None, 30, [])
    others = became("won", 10, deal_id="D"), became("lost", 30, deal_id="E")
    assert story(told(tmp_path / "b", *others))[0] == 10


def test_feedback_without_a_date_or_with_another_word_is_left_out_and_said(tmp_path: Path) -> None:
    found = told(tmp_path, said("lost", 5) | {"at": "soon"}, said("maybe", 5))
    assert story(found) == (None, None, [])
    assert any("2 rows of feedback have no date" in note for note in found.notes)


def test_a_history_whose_purchases_are_all_told_by_sellers_is_read(tmp_path: Path) -> None:
    write_csv(tmp_path / "leads.csv", [{"lead_id": "L1", "created_at": CREATED}])
    (tmp_path / "outcomes.csv").write_text("lead_id,outcome,at\n")
    write_csv(tmp_path / "feedback.csv", [said("won", 7)])
    assert story(read_history(tmp_path, Mapping()))[0] == 7
    write_csv(tmp_path / "outcomes.csv", [became("lost", 30)])
    assert story(read_history(tmp_path, Mapping()))[0] == 7


def test_the_history_reaches_as_far_as_the_last_word(tmp_path: Path) -> None:
    assert told(tmp_path, said("accepted", 500)).until == moment(CREATED) + 500 * DAY


def test_an_unknown_lead_is_looked_at_before_its_refusal_and_not_after(tmp_path: Path) -> None:
    found = told(tmp_path, said("refused", 60, reason="not_reached"))
    labels = label(found, 90)
    assert labels.known.tolist() == [False, True, True]
    known = everything(found, labels, 90)
    assert known.censored is not None
    assert known.looks.as_of is not None
    mine = known.looks.lead == 0
    assert (known.looks.as_of[mine] < moment(CREATED) + 60 * DAY).all()
    assert not known.censored.known[mine].any()


def test_nothing_that_sales_said_becomes_a_field(tmp_path: Path) -> None:
    found = told(tmp_path, said("refused", 10, reason="bad_data"), said("accepted", 12), handovers=(3,))
    assert set(found.columns) == {"n"}
    assert found.lives is None


def test_it_is_said_what_salespeople_s_words_did(tmp_path: Path) -> None:
    found = told(tmp_path, said("refused", 10, reason="bad_data"), handovers=(3,))
    assert words_in_words(found) == ("1 refused leads are unknown from then on, and not lost (the data is wrong: 1)",)
    assert words_in_words(told(tmp_path / "b")) == ()


def test_the_report_says_whose_words_the_labels_are() -> None:
    words = {
        "purchases": {"crm": 40, "sales": 3},
        "losses": {"crm": 70, "sales": 4, "refused": 5},
        "unknown": {"bad_data": 6, "duplicate": 1},
        **{"no_word_on_buying": 0, "handed_over": 0, "waiting": 0},
    }
    page = report_of(replace(trained(card_of([])), words=words), Mapping()).decode()
    told_so = "purchases: 40 told by the CRM, 3 by sales; losses: 70 by the CRM, 9 by sales; unknown since a refusal: 7"
    assert told_so in page
