"""A history that goes into the service and comes out again: the same leads, activities and outcomes."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.columns import Column, Numbers
from scoring.files import texts_of
from scoring.values import as_text
from service.asked import KeptLead
from service.export import export
from service.leads import load_leads
from service.life.asked import Told
from service.life.happened import Visit, take_told
from service.life.keeping import events_of
from service.life.state import Event, Said, Source, in_order, purchases_of
from service.loading import PARTS, Load, remove
from tests.service.conftest import NOON, Service
from tests.service.life.conftest import living
from tests.training.worlds import write_csv
from training.folder import config_of
from training.history import History, read_history
from training.mapping import Mapping, read_mapping
from training.outcomes import NEVER
from training.sendings import Sendings

__all__ = ["living"]

WORDS = ("00123", "1.0", "NA", 'say "hi", then;go', "two\nlines", "🎯", "=1+1", "  edges ", "N/A", "", "true", "0,5")


def history(folder: Path, count: int = 60) -> tuple[Path, Mapping]:
    """Leads with odd words, what they did, and what became of most of them."""
    dice = random.Random(3)
    folder.mkdir()
    ids = [f"{i:04}" for i in range(count)]
    created = [f"2025-{1 + i % 12:02}-{1 + i % 28:02}T08:00:00Z" for i in range(count)]
    leads = [
        {"id": i, "born": at, "firm": f"firm {int(i) % 7}", "rep": "Ann", "name": "Ada", "word": WORDS[int(i) % 12]}
        | {"staff": dice.randrange(400), "share": dice.random()}
        for i, at in zip(ids, created, strict=True)
    ]
    did = [
        {"id": dice.choice(ids), "at": f"2025-{dice.randrange(1, 13):02}-20T09:30:01Z", "kind": kind, "amount": amount}
        for kind, amount in (("demo", ""), ("visit", "3"), ("order", "12.75"), ("visit", "3")) * 20
    ]
    became = [
        {"id": i, "outcome": ("won", "lost")[int(i) % 2], "at": f"2026-0{1 + int(i) % 2}-15T00:00:00Z"}
        | {"value": dice.choice(("", "100", "0.5"))}
        for i in ids
        if int(i) % 3
    ]
    for name, rows in (("leads", leads), ("activities", did), ("outcomes", became)):
        write_csv(folder / f"{name}.csv", rows)
    mapping = Mapping(
        id="id", created_at="born", company="firm", owner="rep", display=("name",), shown={"name": "name"}
    )
    return folder, replace(mapping, outcome="outcome", won=("won",), lost=("lost",), closed_at="at", value="value")


def texts(column: Column) -> list[str]:
    if isinstance(column, Numbers):
        return [as_text(v) for v in column.values.tolist()]
    return texts_of(column)


def facts(found: History) -> dict[str, Any]:
    """All that is learned from, by lead, in a form that can be compared."""
    assert found.lives is not None
    assert found.lost_at is not None
    assert found.created is not None
    assert found.company is not None
    kinds = found.lives.kinds
    lived = sorted(
        (found.ids[lead], at, kinds[kind], cents)
        for lead, at, kind, cents in zip(
            *(a.tolist() for a in (found.lives.lead, found.lives.at, found.lives.kind, found.lives.cents)), strict=True
        )
    )
    columns = [found.columns[name] for name in sorted(found.columns)]
    ends = (found.created, found.won_at, found.lost_at, found.won, found.lost)
    rows = zip(found.ids, *map(texts, columns), texts(found.company), *(e.tolist() for e in ends), strict=True)
    values = dict(zip(found.ids, map(repr, found.value.tolist()), strict=True))
    return {"columns": sorted(found.columns), "leads": sorted(rows), "lives": lived, "values": values}


def test_leads_activities_and_outcomes_come_back_the_same(living: Service, tmp_path: Path) -> None:
    folder, mapping = history(tmp_path / "in")
    sendings = Sendings(folder, mapping)
    load = Load(living.database, living.champion.current(), lambda: NOON, tmp_path / "mark")
    accounts = load.run({part: getattr(sendings, part)() for part in PARTS}, lambda _part, _done: None)
    assert not any(account.faults for account in accounts.values())
    export(living.database, tmp_path / "out", told={})
    again = read_history(tmp_path / "out", read_mapping(config_of(tmp_path / "out")))
    assert facts(again) == facts(read_history(folder, mapping))
    assert again.notes == ["times without a zone are in UTC"]


MOMENTS = st.integers(0, 40)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from([(Source.OUTCOME, Said.WON), (Source.OUTCOME, Said.LOST), (Source.FEEDBACK, Said.WON)]),
        MOMENTS,
        st.sampled_from([None, "D1", "D2"]),
    ),
    max_size=5,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=EVENTS)
def test_training_and_the_service_agree_on_the_first_purchase(
    living: Service, tmp_path_factory: pytest.TempPathFactory, rows: list[Any]
) -> None:
    start = int(NOON.timestamp()) * 1_000_000
    day = 86_400 * 1_000_000
    events = [
        Event(source, f"e{i}", word, start + at * day + i * 1_000_000, 5.0 if word is Said.WON else None, deal_id=deal)
        for i, ((source, word), at, deal) in enumerate(rows)
    ]
    other = Event(Source.OUTCOME, "other", Said.WON, start, 1.0)
    remove(living.database, ["7", "8"])
    serving = living.champion.current()
    load_leads(living.database, serving, [KeptLead(i, {"n": 1}, created_at=start - day) for i in ("7", "8")], now=NOON)
    with living.database.writing() as connection:
        told = [Told("7", e) for e in events] + [Told("8", other)]
        for source in (Source.OUTCOME, Source.FEEDBACK):
            take_told(
                Visit(connection, living.database, serving, NOON, "t"), [t for t in told if t.event.source is source]
            )
        bought = purchases_of(in_order(events_of(connection, ["7"])["7"]))
    out = tmp_path_factory.mktemp("out")
    export(living.database, out, told={})
    found = read_history(out, read_mapping(config_of(out)))
    won_at = int(found.won_at[found.ids.index("7")])
    assert won_at == (min(p.at for p in bought) // 1_000_000 if bought else NEVER)
