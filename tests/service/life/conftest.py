"""A service whose model counts demos and age, and short words for what a CRM sends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models import Shelf
from tests.cards import living_card
from tests.service.conftest import Service, publish, running
from tests.service.samples import STRONG


@pytest.fixture
def living(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """A service with the card that looks at activities; its caretaker sleeps."""
    shelf = Shelf(tmp_path / "shelf")
    publish(shelf, living_card())
    with running(database_url, shelf, watch_seconds=3600) as found:
        yield found


def put(service: Service, lead_id: str = "7", **body: Any) -> Any:
    return service.http.put(f"/v1/leads/{lead_id}", json={"fields": STRONG, "created_at": "2026-02-01"} | body)


def post(service: Service, what: str, event_id: str, at: str, lead_id: str = "7", **more: Any) -> Any:
    body = {"event_id": event_id, "lead_id": lead_id, "occurred_at": at} | more
    return service.http.post(f"/v1/{what}", json=body)


def lead(service: Service, lead_id: str = "7") -> Any:
    return service.http.get(f"/v1/leads/{lead_id}").json()


def listed(service: Service) -> list[str]:
    return [r["id"] for r in service.http.get("/v1/leads?limit=200").json()["results"]]
