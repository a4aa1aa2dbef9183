"""A history as a CRM would have sent it: bodies that the service's own rules accept."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.mapping import Mapping, read_mapping
from training.sendings import Sendings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text(
        "lead_id,created_at,source,employees,rep,person\n"
        "001,2026-01-05,referral,120,Ann,Ada\n"
        "002,2026-01-06T10:00:00Z,,,,\n",
        encoding="utf-8",
    )
    (tmp_path / "activities.csv").write_text(
        "lead_id,at,kind,amount\n001,2026-01-07,demo,\n001,2026-01-07,demo,\n002,2026-01-08,order,9.5\n002,,visit,\n",
        encoding="utf-8",
    )
    (tmp_path / "outcomes.csv").write_text(
        "lead_id,outcome,at,value\n001,won,2026-02-01,500\n002,lost,2026-02-02,\n002,open,2026-02-03,\n",
        encoding="utf-8",
    )
    (tmp_path / "leadrank.toml").write_text('[lead]\nowner = "rep"\n[display]\nname = "person"\n', encoding="utf-8")
    return tmp_path


def sendings(folder: Path) -> Sendings:
    return Sendings(folder, read_mapping(folder / "leadrank.toml"))


def test_a_lead_has_its_fields_and_whose_it_is(folder: Path) -> None:
    first, second = sendings(folder).leads()
    assert first == {
        "id": "001",
        "created_at": "2026-01-05T23:59:59+00:00",
        "updated_at": "2026-01-05T23:59:59+00:00",
        "owner": "Ann",
        "display": {"name": "Ada"},
        "fields": {"source": "referral", "employees": "120"},
    }
    assert second["fields"] == {}


def test_activities_without_an_id_of_their_own_get_one_that_does_not_change(folder: Path) -> None:
    first, again = list(sendings(folder).activities()), list(sendings(folder).activities())
    assert first == again
    assert len({a["event_id"] for a in first}) == 3, "two equal rows are two activities, an undated one is none"
    assert [(a["lead_id"], a["kind"], a.get("amount")) for a in first] == [
        ("001", "demo", None),
        ("001", "demo", None),
        ("002", "order", 9.5),
    ]


def test_an_id_of_the_source_is_kept(folder: Path) -> None:
    (folder / "activities.csv").write_text("event_id,lead_id,at,kind\ne-1,001,2026-01-07,demo\n", encoding="utf-8")
    assert [a["event_id"] for a in sendings(folder).activities()] == ["e-1"]


def test_only_what_was_won_or_lost_is_told(folder: Path) -> None:
    found = [(o["lead_id"], o["outcome"], o.get("value")) for o in sendings(folder).outcomes()]
    assert found == [("001", "won", 500.0), ("002", "lost", None)]


def test_one_table_holds_leads_and_outcomes(tmp_path: Path) -> None:
    table = tmp_path / "leads.csv"
    table.write_text("id,made,status,closed\n1,2026-01-01,Won,2026-02-01\n2,2026-01-02,Open,\n", encoding="utf-8")
    mapping = Mapping(id="id", created_at="made", outcome="status", won=("Won",), lost=("Lost",), closed_at="closed")
    found = Sendings(table, mapping)
    assert [lead["id"] for lead in found.leads()] == ["1", "2"]
    assert list(found.activities()) == []
    assert [o["outcome"] for o in found.outcomes()] == ["won"]
