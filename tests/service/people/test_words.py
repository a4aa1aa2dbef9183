"""Figures and moments are said as people say them."""

from __future__ import annotations

import html

from service.people.words import amount, day, display_of, number, percent, portion, signed, spaced, told


def test_figures_are_said_as_people_say_them() -> None:
    assert [percent(p) for p in (0, 0.004, 0.01, 0.345, 0.99, 0.995, 1)] == [
        *["under 1 %", "under 1 %", "1 %", "34 %", "99 %", "over 99 %", "over 99 %"]
    ]
    assert [portion(p) for p in (0.0, 0.004, 0.5, 0.999, 1.0)] == ["0 %", "under 1 %", "50 %", "over 99 %", "100 %"]
    assert [signed(p) for p in (13.7, 0.4, -0.4, -4.2)] == ["+14", "±0", "±0", "−4"]
    assert html.escape(signed(-4)) == signed(-4)
    assert number(1234567) == "1,234,567"


def test_amounts_are_said_to_three_figures() -> None:
    assert [amount(v) for v in (1_234_567.0, 1_240.2, 99.6, 0.4, None)] == ["1,230,000", "1,240", "100", "under 1", ""]
    assert [amount(v, currency="EUR") for v in (12_400.0, 0.4, None)] == ["12,400 EUR", "under 1 EUR", ""]


def test_days_and_names_are_written_out() -> None:
    assert (day(1_772_409_600_000_000), day(None)) == ("2 March 2026", "")
    assert [day(text) for text in ("2026-03-02T09:30:00Z", "2026-03-02")] == ["2 March 2026"] * 2
    assert spaced("email_opened") == "email opened"


def test_values_are_told_as_they_are_but_for_days() -> None:
    assert [told(v) for v in (None, True, False, 0, 1.5, "VP")] == ["", "yes", "no", "0", "1.5", "VP"]
    days = ["2026-01-15", "2026-01-15T09:30:00Z", "2026-02-30", "2026-01-15 B", "20260115"]
    assert [told(v) for v in days] == ["15 January 2026"] * 2 + days[2:]


def test_what_the_crm_did_not_send_is_none() -> None:
    assert display_of({"name": "Ada"}) == {"name": "Ada", "phone": None, "email": None, "link": None}
