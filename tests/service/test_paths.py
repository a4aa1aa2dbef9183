"""One score, five paths: asked alone, in a batch, from a file, on the page, and made again from storage."""

from __future__ import annotations

import csv
import json
import random
import re
from pathlib import Path
from typing import Any

from scoring import GradeCuts
from scoring.scorefile import score_file
from service.verify import verify
from tests.service.conftest import NOON, Service
from tests.service.samples import fields

COUNT = 120


def leads() -> dict[str, dict[str, Any]]:
    """Leads whose values a CSV file can hold: no number stands where text was."""
    dice = random.Random(23)
    return {f"L{i:04}": {n: v for n, v in fields(dice).items() if v is not None} for i in range(COUNT)}


def by_file(service: Service, folder: Path, sent: dict[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
    names = sorted({name for given in sent.values() for name in given})
    with (folder / "leads.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *names])
        writer.writerows([i, *(_text(given.get(n, "")) for n in names)] for i, given in sent.items())
    card, out = service.champion.current().card, folder / "ranked.csv"
    score_file(card, GradeCuts(), folder / "leads.csv", out, id_column="id", as_of=int(NOON.timestamp()))
    with out.open(newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def test_a_lead_has_one_score_whichever_way_it_is_asked_for(service: Service, tmp_path: Path) -> None:
    sent = leads()
    alone = {i: service.http.post("/v1/score", json={"id": i, "fields": f}).json() for i, f in sent.items()}
    body = {"leads": [{"id": i, "fields": f} for i, f in sent.items()]}
    batch = {r["id"]: r for r in service.http.post("/v1/score/batch", json=body).json()["results"]}
    assert service.http.post("/v1/leads/batch", json=body).json()["num_errors"] == 0
    filed = by_file(service, tmp_path, sent)
    kept = {i: service.http.get(f"/v1/leads/{i}").json() for i in sent}
    page = re.findall(
        r"<bdi>(L\d+)</bdi>.*?data-label=\"Score\"[^>]*>(\d+)<", service.http.get("/?limit=200").text, re.DOTALL
    )
    assert dict(page) == {i: str(alone[i]["score"]) for i in sent}
    for i in sent:
        found = {(r["score"], r["probability"], r["grade"]) for r in (alone[i], batch[i], kept[i])}
        assert found == {(alone[i]["score"], alone[i]["probability"], alone[i]["grade"])}
        assert (int(filed[i]["score"]), float(filed[i]["probability"])) == (alone[i]["score"], alone[i]["probability"])
    again = verify(service.database, service.champion.version)
    assert (again.stored, again.made_again, again.different) == (2 * COUNT, 2 * COUNT, ())
