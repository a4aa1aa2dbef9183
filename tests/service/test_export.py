"""The service's own history as files: once each, as of one moment, whole or not at all, and nothing to show people by."""

from __future__ import annotations

import csv
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from models.files import held_at_once
from scoring.errors import Refused, WrongUsage
from scoring.files import read_table, texts_of
from service.export import Account, columns, export
from service.export import history as exporting
from service.life.tables import events
from tests.service.conftest import Service
from tests.service.life.conftest import living, post, put

__all__ = ["living"]

ODD = {
    "zip": "00123",
    "words": 'one, "two"\r\nthree\nfour\rfive; six',
    "emoji": "🎯 ünïcode",
    "blank": "",
    "gone": None,
    "yes": True,
    "half": 0.1,
    "whole": 5.0,
    "large": 2**60 + 1,
    "like a formula": "=1+1",
    "NA": "NA",
    " spaced ": "  kept  ",
}
READ = {
    **{name: str(value) for name, value in ODD.items()},
    **{"gone": "", "yes": "true", "whole": "5"},
}


def exported(service: Service, folder: Path, **told: Any) -> Account:
    return export(service.database, folder, told=told)


def rows_of(folder: Path, part: str) -> list[dict[str, str]]:
    with (folder / f"{part}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def handed_over(service: Service, lead_id: str, at: int) -> None:
    row = {"source": "handover", "event_id": f"h{lead_id}", "lead_id": lead_id, "said": "handed_over"}
    with service.database.writing() as connection:
        connection.execute(insert(events).values(row | {"occurred_at": at, "received_at": at}))


def test_values_come_back_as_they_were_sent(living: Service, tmp_path: Path) -> None:
    put(living, "0007", fields=ODD)
    put(living, "1.0", fields={"zip": "7"})
    exported(living, tmp_path / "out")
    found = read_table(tmp_path / "out" / "leads.csv")
    assert texts_of(found.columns["lead_id"]) == ["0007", "1.0"]
    assert {name: texts_of(found.columns[name])[0] for name in ODD} == READ
    assert texts_of(found.columns["emoji"])[1] == ""


def test_what_happened_is_written_by_who_said_it(living: Service, tmp_path: Path) -> None:
    put(living, "7", company="Acme")
    post(living, "activities", "a1", "2026-02-02T08:00:00Z", kind="demo", amount=2.5)
    post(living, "outcomes", "o1", "2026-02-20T08:00:00Z", outcome="won", value=120, deal_id="D1")
    post(living, "feedback", "f1", "2026-02-10T08:00:00Z", feedback="refused", reason="Bad data")
    post(living, "feedback", "f2", "2026-02-12T08:00:00Z", feedback="not_now", until="2026-04-01T00:00:00Z")
    handed_over(living, "7", 1_770_000_000_000_000)
    account = exported(living, tmp_path / "out")
    assert dict(account.rows) == {
        **{"leads": 1, "activities": 1, "outcomes": 1, "feedback": 2, "handovers": 1},
        "snapshots": len(rows_of(tmp_path / "out", "snapshots")),
    }
    told = {"lead_id": "7", "value": "", "deal_id": ""}
    lead = rows_of(tmp_path / "out", "leads")[0]
    assert (lead["company"], lead["created_at"]) == ("Acme", "2026-02-01T23:59:59Z")
    assert rows_of(tmp_path / "out", "activities") == [
        {"lead_id": "7", "at": "2026-02-02T08:00:00Z", "kind": "demo", "amount": "2.5", "event_id": "a1"}
    ]
    assert rows_of(tmp_path / "out", "outcomes") == [
        told
        | {"outcome": "won", "at": "2026-02-20T08:00:00Z", "value": "120", "reason": "", "deal_id": "D1"}
        | {"event_id": "o1"}
    ]
    refused, later = rows_of(tmp_path / "out", "feedback")
    assert (refused["feedback"], refused["reason"], refused["until"]) == ("refused", "bad_data", "")
    assert (later["feedback"], later["until"]) == ("not_now", "2026-04-01T00:00:00Z")
    assert rows_of(tmp_path / "out", "handovers") == [{"lead_id": "7", "at": "2026-02-02T02:40:00Z", "event_id": "h7"}]


def test_a_lead_is_written_as_it_was_scored_and_once_for_the_same_fields(living: Service, tmp_path: Path) -> None:
    put(living, "7", fields={"Employees": 3})
    living.clock.wait(days=1)
    post(living, "activities", "a1", "2026-03-03T08:00:00Z", kind="demo")
    living.clock.wait(days=1)
    put(living, "7", fields={"Employees": 120})
    exported(living, tmp_path / "out")
    found = rows_of(tmp_path / "out", "snapshots")
    assert [(row["at"], row["Employees"]) for row in found] == [
        ("2026-03-02T12:00:00Z", "3"),
        ("2026-03-04T12:00:00Z", "120"),
    ]
    assert set(found[0]) == {"lead_id", "at", "Employees"}, "what was counted is counted again by who learns"


def test_joined_leads_count_once_and_erased_ones_are_gone(living: Service, tmp_path: Path) -> None:
    for lead_id in ("7", "8", "9"):
        put(living, lead_id)
        post(living, "activities", f"a{lead_id}", "2026-02-02T08:00:00Z", lead_id, kind="demo")
    living.http.post("/v1/leads/7/merge", json={"duplicates": ["8"]})
    living.http.delete("/v1/leads/9")
    exported(living, tmp_path / "out")
    assert [row["lead_id"] for row in rows_of(tmp_path / "out", "leads")] == ["7"]
    assert [row["lead_id"] for row in rows_of(tmp_path / "out", "activities")] == ["7", "7"]
    assert {row["lead_id"] for row in rows_of(tmp_path / "out", "snapshots")} == {"7"}


def test_who_objects_and_who_was_never_sent_is_left_out_and_counted(living: Service, tmp_path: Path) -> None:
    for lead_id in ("7", "8"):
        put(living, lead_id)
    post(living, "outcomes", "o8", "2026-02-20T08:00:00Z", "8", outcome="lost", reason="no money")
    post(living, "activities", "a9", "2026-02-02T08:00:00Z", "9", kind="demo")
    living.http.put("/v1/leads/8/do-not-score")
    account = exported(living, tmp_path / "out")
    assert (account.rows["leads"], account.objecting, account.never_sent) == (1, 1, 1)
    assert account.rows["outcomes"] == account.rows["activities"] == 0


def test_a_lead_without_a_creation_date_counts_from_when_it_was_first_heard_of(living: Service, tmp_path: Path) -> None:
    put(living, "7", created_at=None)
    living.clock.wait(days=3)
    put(living, "7", created_at=None, fields={"Employees": 4})
    account = exported(living, tmp_path / "out")
    assert rows_of(tmp_path / "out", "leads")[0]["created_at"] == "2026-03-02T12:00:00Z"
    assert account.undated == 1


def test_nothing_to_show_people_and_no_free_text_leaves(living: Service, tmp_path: Path) -> None:
    shown = {"name": "Ada Canary", "phone": "+49 30 canary", "email": "ada@canary.example", "link": "https://canary"}
    fields = {"Employees": 3, "mail": "private@canary.example"}
    put(living, "7", fields=fields, display=shown, owner="Canary Rep", territory="canary land")
    post(living, "feedback", "f1", "2026-02-10T08:00:00Z", feedback="refused", reason="Mrs Canary said no")
    account = exported(living, tmp_path / "out", ignore=["mail"])
    assert account.emptied == ("mail",)
    files = list((tmp_path / "out").iterdir())
    assert len(files) == 7
    for file in files:
        assert "canary" not in file.read_text(encoding="utf-8").casefold(), file.name


def test_the_mapping_says_the_names_and_what_the_champion_was_told(living: Service, tmp_path: Path) -> None:
    put(living, "7", fields={"lead_id": "x", "at": "y", "Visits": 3, 'a "b"': 1})
    told = {"horizon_days": 60, "short_horizon_days": 14, "currency": "EUR", "ignore": ["Rating"]}
    told |= {
        "keep": ["Visits", "no more"],
        "kinds": {'a "b"': "number"},
        "monotone": {"Visits": "up", "demo ever": "up"},
    }
    export(living.database, tmp_path / "out", told=told, counted={"demo ever"})
    found = tomllib.loads((tmp_path / "out" / "leadrank.toml").read_text())
    assert found["lead"] == {"id": "lead_id_", "created_at": "created_at"}
    assert found["snapshots"] == {"lead_id": "lead_id_", "at": "at_"}
    assert found["model"] == {"horizon_days": 60, "short_horizon_days": 14}
    assert found["team"] == {"currency": "EUR"}
    assert found["fields"] == {
        **{"ignore": ["Rating"], "keep": ["Visits"], "kind": {'a "b"': "number"}},
        "monotone": {"Visits": "up", "demo ever": "up"},
    }
    assert set(rows_of(tmp_path / "out", "leads")[0]) == {
        *("lead_id_", "created_at", "lead_id", "at", "Visits", 'a "b"', "Rating"),
    }


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(living: Service, tmp_path: Path) -> None:
    put(living, "7")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(WrongUsage, match="out is not an empty folder"):
        exported(living, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(living: Service, tmp_path: Path) -> None:
    put(living, "7")
    (tmp_path / "out").mkdir()
    exported(living, tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0, "it holds people's data"
    assert (tmp_path / "out" / "leads.csv").is_file()


def test_without_leads_nothing_is_written(living: Service, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no lead is kept"):
        exported(living, tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))


def test_an_export_that_was_cut_leaves_nothing(
    living: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(living, "7")

    def cut(_connection: Connection) -> Iterator[Any]:
        yield ["7", "", ""]
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting.rows, "handover_rows", cut)
    with pytest.raises(KeyboardInterrupt):
        exported(living, tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))


def test_it_is_of_one_moment_whatever_is_written_meanwhile(
    living: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(living, "7")
    post(living, "activities", "a7", "2026-02-02T08:00:00Z", kind="demo")
    plain = exporting.rows.lead_rows

    def interrupted(connection: Connection, found: Any) -> Iterator[Any]:
        put(living, "8")
        post(living, "activities", "a8", "2026-02-02T08:00:00Z", "8", kind="demo")
        living.http.delete("/v1/leads/7")
        yield from plain(connection, found)

    monkeypatch.setattr(exporting.rows, "lead_rows", interrupted)
    account = exported(living, tmp_path / "out")
    assert [row["lead_id"] for row in rows_of(tmp_path / "out", "leads")] == ["7"]
    assert [row["lead_id"] for row in rows_of(tmp_path / "out", "activities")] == ["7"]
    assert account.rows["activities"] == 1


def test_of_very_many_fields_those_of_few_leads_are_left_out(
    living: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "MOST_FIELDS", 2)
    put(living, "7", fields={"a": 1, "b": 1, "c": 1})
    put(living, "8", fields={"b": 1, "c": 1})
    account = exported(living, tmp_path / "out")
    assert account.fields_left_out == 1
    assert set(rows_of(tmp_path / "out", "leads")[0]) == {"lead_id", "created_at", "b", "c"}


def test_an_erasure_during_an_export_holds_up_nobody(living: Service, tmp_path: Path) -> None:
    put(living, "7")
    with living.database.snapshot() as connection:
        assert list(exporting.rows.field_rows(connection))
        began = time.monotonic()
        living.http.delete("/v1/leads/7")
        put(living, "8")
        assert time.monotonic() - began < 5


def test_what_was_taken_back_is_not_written(living: Service, tmp_path: Path) -> None:
    put(living, "7")
    post(living, "feedback", "f1", "2026-02-10T08:00:00Z", feedback="refused", reason="bad_data")
    post(living, "feedback", "f2", "2026-02-11T08:00:00Z", feedback="accepted")
    post(living, "feedback", "f3", "2026-02-12T08:00:00Z", feedback="withdrawn", withdraws="f1")
    exported(living, tmp_path / "out")
    assert [row["event_id"] for row in rows_of(tmp_path / "out", "feedback")] == ["f2"]


def test_an_erasure_removes_the_histories_that_were_learned_from(living: Service) -> None:
    home = living.shelf.folder.parent
    kept = home / "retrain" / "20260302T033000-00"
    put(living, "7")
    export(living.database, kept, told={})
    with held_at_once(home / "retrain" / ".lock"):
        living.http.delete("/v1/leads/7")
        living.http.app.state.scrubber.go_on()
        assert kept.is_dir(), "a retraining is at work with it"
    living.http.app.state.scrubber.go_on()
    assert not kept.exists()
