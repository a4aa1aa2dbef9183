"""The scorecard's pictures: the order of the cards, and what is told of numbers that no lead had in training."""

from __future__ import annotations

import re
from dataclasses import replace

from scoring import Field, Kind, Main, Scorecard
from scoring.scorecard import SCALE
from training.report.points import points
from training.report.style import CSS

from .made import card_of, category

SEEN = Field("hours", Kind.NUMBER, edges=(10.0, 20.0), counts=(5, 40, 50, 60), buyers=(1, 4, 9, 20))


def stretched(low: int, high: int) -> Field:
    """The field with bins beyond what was seen, none of which a lead had."""
    below = tuple(float(k - low + 1) for k in range(low))
    above = tuple(100.0 * k for k in range(1, high + 1))
    counts = (SEEN.counts[0], *(0,) * low, *SEEN.counts[1:], *(0,) * high)
    return replace(SEEN, edges=(*below, *SEEN.edges, *above), counts=counts, buyers=(0,) * len(counts))


def rising(field: Field) -> Scorecard:
    """A card of one field whose points rise by 1 a code from 0 on."""
    point = SCALE * 0.0693147
    card = card_of([field])
    return replace(card, mains=(Main(0, tuple(round(point * code) for code in range(field.size))),))


def rows_of(card: Scorecard) -> list[list[str]]:
    """The cells of the pictures' lines."""
    lines = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", points(card))
    return [
        [re.sub("<[^>]+>", "", cell).replace("\u00a0", " ") for cell in re.split("</t[hd]><td>", line)]
        for line in lines
    ]


def test_bins_beyond_what_was_seen_are_one_line_at_each_end_with_the_nearest_and_the_farthest_points() -> None:
    assert rows_of(rising(stretched(12, 12))) == [
        ["-1 or less (none seen)", "", "+12 to +1", "0"],
        ["0 to 9", "", "+13", "40"],
        ["10 to 19", "", "+14", "50"],
        ["20 to 99", "", "+15", "60"],
        ["100 or more (none seen)", "", "+16 to +27", "0"],
        ["not given", "", "0", "5"],
    ]


def test_one_bin_beyond_what_was_seen_has_one_figure() -> None:
    assert ["100 or more (none seen)", "", "+4", "0"] in rows_of(rising(stretched(0, 1)))


def test_what_no_lead_was_seen_with_is_said_and_only_where_there_is_such_a_line() -> None:
    assert "beyond all leads it learned from" in points(rising(stretched(0, 3)))
    assert "beyond all leads it learned from" not in points(rising(SEEN))


def test_points_of_what_none_was_seen_do_not_set_the_scale_of_the_bars() -> None:
    assert "reaches the edge of its box is 3 points" in points(rising(stretched(0, 12)))


def test_a_number_that_hardly_a_lead_had_is_no_row_of_empty_bars() -> None:
    card = card_of([replace(stretched(0, 3), counts=(155, *(0,) * 6)), category("other", 3)])
    page = points(card)
    assert "hours" in page[page.index("1 more field") :]
    drawn = replace(card, fields=(replace(card.fields[0], counts=(155, *(0,) * 5, 1)), card.fields[1]))
    assert [row[0] for row in rows_of(drawn) if "level" not in row[0]] == [
        "299 or less (none seen)",
        "300 or more",
        "not given",
    ]


def test_the_field_that_moves_leads_most_comes_first_and_the_cards_run_across() -> None:
    weak, strong = category("weak", 3), category("strong", 3)
    card = card_of([weak, strong])
    card = replace(card, mains=(Main(0, tuple(v // 4 for v in card.mains[0].table)), card.mains[1]))
    page = points(card)
    assert page.index("strong") < page.index("weak")
    assert ".cards{display:grid" in CSS
    assert "columns:" not in CSS.replace("grid-template-columns:", "")
