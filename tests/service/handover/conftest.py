"""A service with sellers, and short words for who gets what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models import Shelf
from tests.cards import living_card
from tests.service.conftest import Service, publish, running
from tests.service.samples import STRONG

MONDAY = "2026-03-02"
"""The day of the test's clock, at noon."""


@pytest.fixture
def team(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """A service with a card that knows values; its caretaker sleeps."""
    shelf = Shelf(tmp_path / "shelf")
    publish(shelf, living_card())
    with running(database_url, shelf, watch_seconds=3600) as found:
        yield found


def seller(
    service: Service,
    name: str,
    calls: int,
    *territories: str,
    away: tuple[str, str] | None = None,
    products: tuple[str, ...] = (),
) -> None:
    body: dict[str, Any] = {"capacity_per_week": calls, "territories": list(territories), "products": list(products)}
    if away:
        body["away"] = {"from": away[0], "until": away[1]}
    answer = service.http.put(f"/v1/sellers/{name}", json=body)
    assert answer.status_code in (200, 201), answer.text


def lead(service: Service, lead_id: str, worth: int = 100, product: object = None, **own: Any) -> None:
    """A lead; the more employees (worth), the more it is worth."""
    about = {} if product is None else {"product": product}
    body = {"fields": STRONG | {"Employees": worth} | about, "created_at": "2026-02-01"} | own
    answer = service.http.put(f"/v1/leads/{lead_id}", json=body)
    assert answer.status_code in (200, 201), answer.text


def leads(
    service: Service, count: int, name: str = "L", fields_too: dict[str, object] | None = None, **own: Any
) -> list[str]:
    """Many equal leads: their ids say who is first."""
    ids = [f"{name}{n:03}" for n in range(count)]
    body = {"leads": [{"id": i, "fields": STRONG | (fields_too or {}), "created_at": "2026-02-01"} | own for i in ids]}
    assert service.http.post("/v1/leads/batch", json=body).json()["num_errors"] == 0
    return ids


def hand_over(service: Service, **body: Any) -> Any:
    answer = service.http.post("/v1/handovers", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def given(handed: Any) -> dict[str, str]:
    """Who got which lead."""
    return {row["lead_id"]: row["seller"] for row in handed["results"]}


def tell(service: Service, what: str, lead_id: str, at: str, **more: Any) -> None:
    body = {"event_id": f"{what}-{lead_id}-{at}", "lead_id": lead_id, "occurred_at": at} | more
    answer = service.http.post(f"/v1/{what}", json=body)
    assert answer.status_code == 201, answer.text


def state_of(service: Service, lead_id: str) -> str:
    return str(service.http.get(f"/v1/leads/{lead_id}").json()["state"])
