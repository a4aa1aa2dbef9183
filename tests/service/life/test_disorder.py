"""Histories that come twice, late and out of order end in one state, on both databases."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import Shelf
from tests.cards import living_card
from tests.service.conftest import BOTH, Service, empty_database, publish, running

DAYS = st.integers(1, 50).map(lambda n: f"2026-{1 + n // 28:02}-{1 + n % 28:02}T10:00:00Z")
FIELDS = st.dictionaries(
    st.sampled_from(("Job title", "Employees", "Lead source")),
    st.sampled_from(("VP", "120", "referral", None)),
    max_size=2,
)
OWN = st.fixed_dictionaries({}, optional={"owner": st.sampled_from(("Ann", "Bob")), "company": st.just("Acme")})

PUT = st.tuples(st.just("put"), st.fixed_dictionaries({"fields": FIELDS}), OWN)
PATCH = st.tuples(st.just("patch"), st.fixed_dictionaries({"fields": FIELDS}), OWN)
ACTIVITY = st.tuples(
    st.just("activities"),
    st.fixed_dictionaries({"kind": st.sampled_from(("demo", "visit")), "at": DAYS}),
    st.just({}),
)
OUTCOME = st.tuples(
    st.just("outcomes"),
    st.fixed_dictionaries({"outcome": st.sampled_from(("won", "lost", "open")), "occurred_at": DAYS}),
    st.fixed_dictionaries({}, optional={"deal_id": st.sampled_from("de")}),
)
FEEDBACK = st.tuples(
    st.just("feedback"),
    st.fixed_dictionaries(
        {"feedback": st.sampled_from(("accepted", "refused", "not_now", "won", "lost")), "occurred_at": DAYS}
    ),
    st.just({}),
)
HISTORIES = st.lists(st.one_of(PUT, PATCH, ACTIVITY, OUTCOME, FEEDBACK), min_size=1, max_size=8)

NUMBERS = itertools.count()
SAID_OF_ARRIVAL = {"id", "score_history"}
"""What depends on the id and on how the score went, and not on where it ended."""


@pytest.fixture(scope="module", params=BOTH)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("disorder")
    shelf = Shelf(folder / "shelf")
    publish(shelf, living_card())
    with running(empty_database(request.param, request, folder), shelf, watch_seconds=3600) as service:
        body = {"event_id": "first", "lead_id": "another", "kind": "visit", "at": "2026-01-01"}
        assert service.http.post("/v1/activities", json=body).status_code == 201
        yield service


def sends(history: list[Any], lead_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The requests of a history; changes of the lead itself were true one after another."""
    found = []
    for number, (what, body, more) in enumerate(history):
        full = body | more
        if what in ("put", "patch"):
            found.append(
                (what.upper(), f"/v1/leads/{lead_id}", full | {"updated_at": f"2026-02-01T00:00:{number:02}Z"})
            )
        else:
            full |= {"event_id": f"{lead_id}-{number}", "lead_id": lead_id}
            found.append(("POST", f"/v1/{what}", full))
    return found


def end_of(service: Service, history: list[Any], order: random.Random | None) -> Any:
    """What is known of a new lead after its history; order: which requests come twice, and when each comes."""
    lead_id = f"lead{next(NUMBERS)}"
    requests = sends(history, lead_id)
    if order:
        requests = [*requests, *order.choices(requests, k=2)]
        order.shuffle(requests)
    for method, path, body in requests:
        answer = service.http.request(method, path, json=body)
        assert answer.is_success, answer.text
    found = service.http.get(f"/v1/leads/{lead_id}")
    if found.status_code == 404:
        return None
    body = {k: v for k, v in found.json().items() if k not in SAID_OF_ARRIVAL}
    body["timeline"] = [told | {"event_id": told["event_id"].split("-")[1]} for told in body["timeline"]]
    return body


def check(service: Service, history: list[Any], dice: random.Random) -> None:
    assert end_of(service, history, dice) == end_of(service, history, None)


def histories(count: int) -> Any:
    calm = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return lambda test: settings(max_examples=count, deadline=None, suppress_health_check=calm)(
        given(history=HISTORIES, dice=st.randoms(use_true_random=False))(test)
    )


@histories(20)
def test_any_order_of_arrival_ends_alike(shared: Service, history: list[Any], dice: random.Random) -> None:
    check(shared, history, dice)


@pytest.mark.slow
@histories(1000)
def test_a_thousand_histories_in_any_order_end_alike(shared: Service, history: list[Any], dice: random.Random) -> None:
    check(shared, history, dice)
