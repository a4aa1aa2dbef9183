"""People who have signed in, and leads that were handed over to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.access import Role
from service.access.grants import Grant
from service.access.users import create_user
from service.life.asked import Told
from service.life.happened import Visit, take_told
from service.life.state import Event, Said, Source
from service.moments import micros_at
from tests.service.conftest import ADDRESS, NOON, Service

PASSWORD = "correct horse battery"
OURS = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}

SignIn = Callable[..., TestClient]


@pytest.fixture
def signed_in(service: Service) -> SignIn:
    """Signs a new user in: a browser with his cookie."""

    def enter(name: str = "ann", role: Role = Role.SALES, **grant: Any) -> TestClient:
        if role is Role.SALES and not grant:
            grant = {"all_leads": True}
        create_user(service.database, name, PASSWORD, Grant(role, **grant), now=NOON)
        browser = service.client()
        answer = post(browser, "/sign-in", {"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    return enter


def post(browser: TestClient, path: str, form: Mapping[str, str], headers: Mapping[str, str] = OURS) -> Any:
    """Send a form as a browser does from our own page."""
    return browser.post(path, data=dict(form), headers=dict(headers), follow_redirects=False)


def keep(service: Service, lead_id: str, fields: Mapping[str, Any], **own: Any) -> None:
    """Store a lead as the CRM sends it."""
    answer = service.http.put(f"/v1/leads/{lead_id}", json={"fields": dict(fields), **own})
    assert answer.is_success, answer.text


def hand_over(service: Service, *lead_ids: str, minutes_ago: float = 0) -> None:
    """Hand leads over to sales."""
    at = micros_at(service.clock()) - int(minutes_ago * 60e6)
    told = [Told(i, Event(Source.HANDOVER, f"handover-{i}-{at}", Said.HANDED_OVER, at)) for i in lead_ids]
    with service.database.writing() as connection:
        take_told(Visit(connection, service.database, service.champion.serving, service.clock()), told)


def state(service: Service, lead_id: str) -> str:
    """Where a lead stands by the API."""
    found: str = service.http.get(f"/v1/leads/{lead_id}").json()["state"]
    return found
