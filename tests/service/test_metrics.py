"""`/metrics`: counts by route, and nothing by which anybody could be known."""

from __future__ import annotations

import os
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from models import Shelf
from service import Settings, create_app
from service.moments import micros_at
from service.tally import BUCKETS
from service.webhooks import Event, announce, endpoints
from tests.cards import small_card
from tests.service.conftest import ADDRESS, NOON, Service, publish
from tests.service.samples import STRONG


def samples(service: Service) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Every sample by its name and labels, without the worker's."""
    answer = service.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("worker") == str(os.getpid())
            found.setdefault(sample.name, {})[tuple(sorted(labels.items()))] = sample.value
    return found


def count(service: Service, route: str, method: str, status: str) -> float:
    labels = (("method", method), ("route", route), ("status", status))
    return samples(service).get("leadrank_request_seconds_count", {}).get(labels, 0)


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("POST", "/v1/score", "/v1/score", "4xx"),
        ("GET", "/v1/leads/ada%40acme.example", "/v1/leads/{lead_id}", "4xx"),
        ("GET", "/v1/leads", "/v1/leads", "2xx"),
        ("POST", "/v1/webhooks/ep_1/rotate", "/v1/webhooks/{id}/rotate", "4xx"),
        ("GET", "/livez", "/livez", "2xx"),
        ("GET", "/nobody@acme.example", "other", "4xx"),
    ],
)
def test_a_request_is_counted_by_its_route(service: Service, method: str, path: str, route: str, status: str) -> None:
    before = count(service, route, method, status)
    for _ in range(3):
        service.http.request(method, path)
    assert count(service, route, method, status) == before + 3


def test_a_method_of_somebodys_own_is_one_of_the_others(service: Service) -> None:
    service.http.request("ADA", "/v1/score")
    assert "ADA" not in service.http.get("/metrics").text


def test_scores_and_leads_are_counted(service: Service) -> None:
    before = samples(service)
    service.http.post("/v1/score/batch", json={"leads": [{"id": str(i), "fields": STRONG} for i in range(5)]})
    service.http.put("/v1/leads/1", json={"fields": STRONG})
    after = samples(service)
    for name, more in (("leadrank_scores_made_total", 6), ("leadrank_leads_stored_total", 1)):
        assert after[name][()] >= before[name][()] + more
    assert after["leadrank_newest_score_timestamp_seconds"][()] >= NOON.timestamp()
    assert after["leadrank_model_info"] == {(("version", service.champion.current().version),): 1.0}


def test_the_outbox_is_counted(service: Service) -> None:
    before = samples(service)["leadrank_outbox_due"][()]
    with service.database.writing() as connection:
        endpoints.add(connection, "https://1.1.1.1/", list(Event), 0)
        # Due in an hour, so that nothing is sent now.
        announce(connection, Event.PROMOTED, {"model": "2"}, now=micros_at(NOON) + 3_600_000_000)
    assert samples(service)["leadrank_outbox_due"][()] == before + 1
    assert samples(service)["leadrank_outbox_dead"][()] == 0


def test_nothing_personal_is_shown(service: Service) -> None:
    service.http.put("/v1/leads/ada%40acme.example", json={"fields": STRONG})
    service.http.get("/v1/leads/ada%40acme.example?x=hunter2", headers={"Host": "127.0.0.1", "X": "hunter2"})
    text = service.http.get("/metrics").text
    assert not re.search("ada|acme|hunter2|VP Sales", text)


def test_buckets_rise_to_the_count(service: Service) -> None:
    service.http.get("/livez")
    found = samples(service)
    line = {
        labels: value
        for labels, value in found["leadrank_request_seconds_bucket"].items()
        if {("route", "/livez"), ("method", "GET")} <= set(labels)
    }
    values = [value for _, value in sorted(line.items(), key=lambda item: float(dict(item[0])["le"]))]
    assert len(values) == len(BUCKETS) + 1
    assert values == sorted(values)


def test_a_database_that_is_gone_is_told_and_the_rest_is_shown(shelf: Shelf) -> None:
    publish(shelf, small_card(1.0))
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/none", shelf=shelf.folder))
    with TestClient(app, base_url=ADDRESS) as http:
        found = samples(Service(http, app.state.database, app.state.champion, shelf))
    assert found["leadrank_database_up"][()] == 0
    assert "leadrank_outbox_due" not in found
    assert "leadrank_requests_in_work" in found
