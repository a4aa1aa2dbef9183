"""Webhooks over HTTP, from the first secret to a dead message that is sent again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models import Shelf
from service.champion import Serving
from service.rescoring import bring_up_to_date
from service.webhooks import wire
from service.webhooks.asked import ENDPOINT_KEYS
from service.webhooks.tables import deliveries
from tests.cards import small_card
from tests.service.conftest import Service, listed_version, publish, running, wait_until
from tests.service.samples import STRONG, WEAK

URL = "https://1.1.1.1/hook"


def add(service: Service, **body: Any) -> Any:
    return service.http.post("/v1/webhooks", json={"url": URL} | body)


def told(service: Service) -> list[Any]:
    with service.database.reading() as connection:
        return list(connection.execute(select(deliveries).order_by(deliveries.c.created_at, deliveries.c.id)))


@pytest.fixture
def quiet(database_url: str, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A service that sends nothing by itself."""
    monkeypatch.setattr("service.webhooks.deliverer.Deliverer.start", lambda _self: None)
    with running(database_url, shelf) as found:
        wait_until(lambda: listed_version(found))
        yield found


def test_the_secret_is_shown_once(quiet: Service) -> None:
    made = add(quiet)
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    listed = quiet.http.get("/v1/webhooks")
    assert made.json()["secret"] not in listed.text
    assert [e["id"] for e in listed.json()["results"]] == [made.json()["id"]]
    assert listed.json()["results"][0]["events"] == ["lead.handed_over", "lead.grade_changed", "model.promoted"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({}, "url"),
        ({"url": 1}, "url"),
        ({"url": "http://1.1.1.1/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://[::1]/"}, "url"),
        ({"url": "https://2130706433/"}, "url"),
        ({"url": "https://ex\u0430mple.com/"}, "url"),
        ({"url": "https://1.1.1.1/\x00"}, "url"),
        ({"url": "https://1.1.1.1/" + "x" * 2000}, "url"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": "lead.handed_over"}, "events"),
        ({"url": URL, "events": ["lead.read"]}, "events"),
        ({"url": URL, "events": [["x"]]}, "events"),
        ({"url": URL, "secret": "mine"}, "secret"),
    ],
)
def test_a_broken_rule_is_named_and_the_value_is_not(quiet: Service, body: Any, field: str) -> None:
    answer = quiet.http.post("/v1/webhooks", json=body)
    assert answer.status_code == 422, answer.text
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert "1.1.1.1" not in answer.text
    assert quiet.http.get("/v1/webhooks").json()["results"] == []


@pytest.mark.parametrize(
    "query",
    [
        "state=lost",
        "limit=0",
        "limit=201",
        "limit=x",
        "after=x",
        "offset=1",
        "limit=1&limit=2",
        "after=%00",
        "state=%00",
    ],
)
def test_a_broken_query_is_named(quiet: Service, query: str) -> None:
    assert quiet.http.get(f"/v1/webhooks/deliveries?{query}").status_code == 422


def test_what_is_not_there_is_404(quiet: Service) -> None:
    for name in ("none", "%00", "%FF", "%ED%A0%80", "x" * 300, "1%27 OR 1=1"):
        for method, path in (
            ("DELETE", f"/v1/webhooks/{name}"),
            ("POST", f"/v1/webhooks/{name}/rotate"),
            ("POST", f"/v1/webhooks/{name}/test"),
            ("POST", f"/v1/webhooks/deliveries/{name}/replay"),
        ):
            assert quiet.http.request(method, path).status_code == 404


def test_a_webhook_that_is_removed_takes_its_deliveries_along(quiet: Service) -> None:
    made = add(quiet).json()
    quiet.http.post(f"/v1/webhooks/{made['id']}/test")
    assert len(told(quiet)) == 1
    assert quiet.http.delete(f"/v1/webhooks/{made['id']}").json()["id"] == made["id"]
    assert told(quiet) == []
    assert quiet.http.delete(f"/v1/webhooks/{made['id']}").status_code == 404


def test_rotation_gives_another_secret(quiet: Service) -> None:
    made = add(quiet).json()
    rotated = quiet.http.post(f"/v1/webhooks/{made['id']}/rotate").json()
    assert rotated["secret"] != made["secret"]
    assert rotated["old_secret_until"] == "2026-03-03T12:00:00Z"


def test_deliveries_are_walked_by_a_cursor_and_dead_ones_are_sent_again(quiet: Service) -> None:
    made = add(quiet).json()
    sent = [quiet.http.post(f"/v1/webhooks/{made['id']}/test").json()["id"] for _ in range(7)]
    assert walk(quiet, "due") == sorted(sent)
    with quiet.database.writing() as connection:
        connection.execute(deliveries.update().values(next_at=None, dead_at=deliveries.c.created_at))
    assert (walk(quiet, "due"), walk(quiet, "dead")) == ([], sorted(sent))
    assert quiet.http.post(f"/v1/webhooks/deliveries/{sent[3]}/replay").json() == {"id": sent[3]}
    assert walk(quiet, "due") == [sent[3]]
    assert sent[3] not in walk(quiet, "dead")


def walk(service: Service, state: str) -> list[str]:
    found: list[str] = []
    query = f"state={state}&limit=3"
    while True:
        page = service.http.get(f"/v1/webhooks/deliveries?{query}").json()
        found += [d["id"] for d in page["results"]]
        if page["paging"]["next"] is None:
            return found
        query = f"state={state}&limit=3&after={page['paging']['next']['after']}"


def test_a_webhook_that_was_switched_off_takes_no_replay(quiet: Service) -> None:
    made = add(quiet).json()
    sent = quiet.http.post(f"/v1/webhooks/{made['id']}/test").json()["id"]
    with quiet.database.writing() as connection:
        connection.exec_driver_sql("UPDATE endpoints SET disabled_at = 1")
    for path in (f"deliveries/{sent}/replay", f"{made['id']}/test"):
        answer = quiet.http.post(f"/v1/webhooks/{path}")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:leadrank:problem:webhook-disabled")


def test_a_changed_grade_is_announced_and_an_unchanged_one_is_not(quiet: Service) -> None:
    quiet.http.put("/v1/leads/7", json={"fields": WEAK})
    add(quiet, events=["lead.grade_changed"])
    for fields in (WEAK, STRONG, STRONG, WEAK):
        quiet.http.put("/v1/leads/7", json={"fields": fields})
        quiet.clock.wait(seconds=1)
    quiet.http.put("/v1/leads/8", json={"fields": STRONG})
    grades = [quiet.http.put(f"/v1/leads/{n}", json={"fields": f}).json()["grade"] for n, f in ((1, WEAK), (2, STRONG))]
    first, second = told(quiet)
    assert (first.lead_id, second.lead_id) == ("7", "7")
    assert f'"old_grade":"{grades[0]}","new_grade":"{grades[1]}"' in first.body
    assert f'"old_grade":"{grades[1]}","new_grade":"{grades[0]}"' in second.body
    assert "VP Sales" not in first.body


def test_a_promotion_is_announced_once_and_its_new_grades_are_not(quiet: Service) -> None:
    for lead in range(5):
        quiet.http.put(f"/v1/leads/{lead}", json={"fields": WEAK})
    add(quiet)
    version = publish(quiet.shelf, small_card(8.0))
    quiet.champion.refresh()
    wait_until(lambda: listed_version(quiet) == version)
    serving = quiet.champion.current()
    assert isinstance(serving, Serving)
    bring_up_to_date(quiet.database, serving, quiet.clock, lambda: True)
    assert [(row.type, row.lead_id) for row in told(quiet)] == [("model.promoted", None)]
    assert f'"model":"{version}"' in told(quiet)[0].body


def test_the_answers_have_the_shapes_of_the_document(quiet: Service) -> None:
    made = add(quiet)
    queued = quiet.http.post(f"/v1/webhooks/{made.json()['id']}/test")
    for shape, answer in (
        (wire.EndpointWithSecret, made),
        (wire.Queued, queued),
        (wire.Endpoints, quiet.http.get("/v1/webhooks")),
        (wire.Deliveries, quiet.http.get("/v1/webhooks/deliveries")),
    ):
        read: Any = shape.model_validate_json(answer.content)
        assert read.model_dump(mode="json") == answer.json()
    assert wire.EndpointToAdd.model_json_schema()["properties"].keys() == ENDPOINT_KEYS
