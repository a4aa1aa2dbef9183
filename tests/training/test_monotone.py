"""A field that is declared to rise or to fall never speaks the other way, whichever family wins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scoring.errors import WrongUsage
from scoring.scorecard import Scorecard
from training.learn import learn_rows
from training.mapping import Mapping, read_mapping
from training.rows import Rows

from .worlds import numbers, texts


def card_of(monotone: dict[str, str], seed: int = 1) -> Scorecard:
    """Leads whose chance rises with visits up to ten and falls afterwards, and with staff."""
    dice = np.random.default_rng(seed)
    visits, staff = dice.integers(0, 30, 2500).astype(float), dice.integers(1, 40, 2500).astype(float)
    z = -np.abs(visits - 10) / 4 + staff / 20 - 0.5
    columns = {"visits": numbers(visits), "staff": numbers(staff), "source": texts(["a", "b"] * 1250)}
    bought = dice.random(2500) < 1 / (1 + np.exp(-z))
    return learn_rows(Rows(columns, bought), kinds={}, horizon_days=None, seed=7, monotone=monotone).card


def table(card: Scorecard, name: str) -> list[int]:
    """A number's table without the missing value, from the lowest bin."""
    place = [f.name for f in card.fields].index(name)
    return list(next(m.table for m in card.mains if m.field == place))[1:]


def test_what_only_rises_or_falls_does_so_in_the_card() -> None:
    free = table(card_of({}), "visits")
    assert free != sorted(free)
    up, down = card_of({"visits": "up", "staff": "up"}), card_of({"visits": "down"})
    assert table(up, "visits") == sorted(table(up, "visits"))
    assert table(up, "staff") == sorted(table(up, "staff"))
    assert table(down, "visits") == sorted(table(down, "visits"), reverse=True)
    names = [f.name for f in up.fields]
    assert not {n for p in up.pairs for n in (names[p.a], names[p.b])} & {"visits", "staff"}


def test_what_has_no_order_cannot_rise() -> None:
    with pytest.raises(WrongUsage, match="'source' is read as a .*: only a number can be monotone"):
        card_of({"source": "up"})


def test_the_way_is_up_or_down(tmp_path: Path) -> None:
    config = tmp_path / "leadrank.toml"
    config.write_text('[fields]\nmonotone = { "visits" = "up" }\n')
    assert read_mapping(config).monotone == {"visits": "up"}
    config.write_text('[fields]\nmonotone = { "visits" = "rising" }\n')
    with pytest.raises(WrongUsage, match="monotone of 'visits' is 'rising'"):
        read_mapping(config)
    assert Mapping().monotone == {}
