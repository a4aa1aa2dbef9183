"""The circle: what sales and the CRM say in the service becomes what the next model knows."""

from __future__ import annotations

import csv
import json
import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from models import Shelf
from models.retraining import Ended, last_note
from scoring import Scorecard
from scoring.scorecard import points_of
from scoring.words import code_text
from service.access import Role
from service.access.grants import Grant
from service.access.users import create_user
from service.app import create_app
from service.settings import Settings
from tests.front_door import leadrank
from tests.service.conftest import bearer

FIELD, LEVEL = "timeline", "this month"
"""Leads of this level bought more than others; from now on sales refuses them."""

THAT_DAY = datetime(2025, 7, 1, 12, tzinfo=UTC)
"""When sales works through the leads: the day after the history's last."""

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.slow


def said(*words: object) -> Any:
    ended = leadrank(*words)
    assert ended.code == 0, ended.err
    return ended.out


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose champion learned from a simulated history, in the folder `history` beside it."""
    folder = tmp_path_factory.mktemp("circle")
    (folder / "no-folder").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADRANK_HOME", str(folder / "var"))
        patch.setenv("LEADRANK_MLFLOW_URI", f"sqlite:///{folder}/no-folder/mlflow.db")
        patch.delenv("LEADRANK_DATABASE_URL", raising=False)
        said("sample", folder / "history", "--leads", 4000, "--seed", 7, "--until", "2025-06-30")
        trained = json.loads(said("train", folder / "history", "--json"))
        assert trained["promoted"], trained["gate"]
        (folder / "trained.json").write_text(json.dumps(trained))
        yield folder


@pytest.fixture
def home(learned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that home, without any lead in it yet."""
    shutil.copytree(learned / "var", tmp_path / "var")
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("LEADRANK_MLFLOW_URI", f"sqlite:///{learned}/no-folder/mlflow.db")
    monkeypatch.delenv("LEADRANK_DATABASE_URL", raising=False)
    return tmp_path


def turned(history: Path, folder: Path) -> list[dict[str, str]]:
    """The history in another folder, where nothing is known yet of what became of the leads of that level; these."""
    shutil.copytree(history, folder)
    chosen = [row for row in rows_of(history / "leads.csv") if row[FIELD] == LEVEL]
    ids = {row["lead_id"] for row in chosen}
    kept = [row for row in rows_of(history / "outcomes.csv") if row["lead_id"] not in ids]
    with (folder / "outcomes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(kept[0]))
        writer.writeheader()
        writer.writerows(kept)
    return chosen


def browser(app: FastAPI, name: str, role: Role) -> TestClient:
    """Somebody of this role who has signed in on the page."""
    create_user(app.state.database, name, PASSWORD, Grant(role, all_leads=role is Role.SALES), now=THAT_DAY)
    found = TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50_001), follow_redirects=False)
    press(found, "/sign-in", name=name, password=PASSWORD)
    return found


def press(person: TestClient, path: str, **form: str) -> None:
    """Send a form of our own page; it leads to another page where all went well."""
    answer = person.post(path, data=form, headers={"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303, answer.text


def hand_over(http: TestClient, owners: set[str], marketing: TestClient, sales: TestClient) -> None:
    """Marketing hands over on the page, and sales sees the leads there."""
    for owner in owners:
        assert http.put(f"/v1/sellers/{quote(owner)}", json={"capacity_per_week": 25}).status_code == 201
    press(marketing, "/handover")
    given = http.get("/v1/handovers", params={"day": f"{THAT_DAY:%Y-%m-%d}"}).json()["results"]
    assert len(given) >= 10
    found: list[str] = []
    for number in range(1, 1 + len(given)):
        page = sales.get("/today", params={"page": number}).text
        found += re.findall(r'href="/lead\?id=([^"]*)"', page)
        if 'rel="next"' not in page:
            break
    assert {row["lead_id"] for row in given} <= set(found)


def points_in(card: Scorecard) -> float:
    """The points of the level by themselves."""
    for main in card.mains:
        field = card.fields[main.field]
        if field.name == FIELD:
            return next(points_of(v) for code, v in enumerate(main.table) if code_text(field, code) == LEVEL)
    raise AssertionError(f"the model does not look at {FIELD}")


def wait_for(version: str, http: TestClient) -> None:
    end = time.monotonic() + 60
    while http.get("/v1/leads?limit=1").json()["model"]["version"] != version:
        assert time.monotonic() < end, "the list did not change over"
        time.sleep(0.1)


def mean_points(http: TestClient, ids: list[str]) -> float:
    """Of these leads, as they are scored now."""
    return float(np.mean([http.get(f"/v1/leads/{i}").json()["total_points"] for i in ids]))


def test_what_sales_refuses_and_loses_on_the_pages_is_what_the_next_model_expects_less_of(
    learned: Path, home: Path
) -> None:
    chosen = turned(learned / "history", home / "crm")
    said("load", home / "crm")
    app = create_app(Settings.of_environment(), clock=lambda: THAT_DAY)
    headers = {"Authorization": bearer(app.state.database)}
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=headers, client=("127.0.0.1", 50_000)) as http:
        wait_for("1", http)
        marketing, sales = browser(app, "mary", Role.MARKETING), browser(app, "sam", Role.SALES)
        hand_over(http, {row["owner"] for row in chosen}, marketing, sales)
        open_ones = [row["lead_id"] for row in chosen[-30:]]
        before = mean_points(http, open_ones)
        told = [row["lead_id"] for row in chosen[:-30]]
        for number, lead_id in enumerate(told):
            word = ("refused", "no_need") if number % 2 else ("lost", "bought_elsewhere")
            said_of = {"event_id": f"page-{number}", "lead_id": lead_id, "feedback": word[0], "reason": word[1]}
            press(sales, "/say", **said_of)
        exported = json.loads(said("export", home / "out", "--json"))
        assert (exported["feedback"], exported["left_out"]["never_sent"]) == (len(told), 0)
        again = json.loads(said("retrain", "--json"))
        assert again["gate"]["decision"] == "promote", again["gate"]
        assert (again["model"], again["promoted"]) == ("2", True)
        wait_for("2", http)
        assert mean_points(http, open_ones) < before - 5
        room = browser(app, "ana", Role.ANALYST).get("/models").text
        assert re.search(r'id="retrained">.*?model <bdi>2</bdi>: it serves', room, re.DOTALL)
    losses = again["labels"]["losses"]
    assert (losses["refused"], losses["sales"]) == (len(told) // 2, len(told) - len(told) // 2)
    shelf = Shelf(home / "var" / "shelf")
    cards = [shelf.open(version).card for version in ("1", "2")]
    assert points_in(cards[1]) < points_in(cards[0]) - 5
    fell = next(m for m in again["retraining"]["moved"] if (m["field"], m["level"]) == (FIELD, LEVEL))
    assert (fell["before"], fell["after"]) == tuple(map(points_in, cards))
    assert shelf.open("2").about["retraining"]["before"] == "1"
    note = last_note(shelf.folder)
    assert note is not None
    assert (note.ended, note.model) == (Ended.PROMOTED, "2")
    compared = json.loads(said("models", "compare", "1", "2", "--on", home / "crm", "--json"))
    assert fell in compared["moved"]


def test_a_model_learned_from_an_untouched_load_is_the_one_learned_from_the_history(learned: Path, home: Path) -> None:
    said("load", learned / "history")
    said("export", home / "out")
    again = json.loads(said("train", home / "out", "--no-promote", "--json"))
    first = json.loads((learned / "trained.json").read_text())
    assert (again["rows"], again["buyers"]) == (first["rows"], first["buyers"])
    assert again["labels"] == first["labels"]
    assert again["metrics"]["auc"] == pytest.approx(first["metrics"]["auc"], abs=0.005)
    assert again["metrics"]["log_loss"] == pytest.approx(first["metrics"]["log_loss"], abs=0.002)
