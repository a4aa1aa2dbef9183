"""Which model serves, changed by a program: a reason is taken with the change, kept, and never needed."""

from __future__ import annotations

import pytest

from tests.cards import living_card
from tests.service.conftest import Service, publish

PROMOTE, ROLL_BACK = "/v1/models/1/promote", "/v1/models/rollback"


def test_a_reason_is_kept_with_the_change_and_may_be_left_out(service: Service) -> None:
    publish(service.shelf, living_card())
    sent = [(PROMOTE, None), (ROLL_BACK, {"reason": "too early"}), (PROMOTE, {"reason": None}), (ROLL_BACK, {})]
    for path, body in sent:
        answer = service.http.post(path, json=body) if body is not None else service.http.post(path)
        assert answer.is_success, answer.text
        assert answer.json().keys() == {"before", "champion"}
    assert [change.reason for change in service.shelf.history()][2:] == ["", "too early", "", ""]
    history = service.http.get("/v1/models/2").json()["history"]
    assert [change["reason"] for change in history][1:] == ["too early", ""]


def test_the_same_key_with_another_reason_is_another_request(service: Service) -> None:
    publish(service.shelf, living_card())
    headers = {"Idempotency-Key": "k"}
    first = service.http.post(PROMOTE, json={"reason": "a"}, headers=headers)
    assert service.http.post(PROMOTE, json={"reason": "a"}, headers=headers).json() == first.json()
    assert service.http.post(PROMOTE, json={"reason": "b"}, headers=headers).status_code == 422
    assert [change.reason for change in service.shelf.history()][2:] == ["a"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"reason": 7}', 422),
        (b'{"reason": []}', 422),
        (b'{"because": "x"}', 422),
        (b"[]", 422),
        (b'{"reason": "a", "reason": "b"}', 422),
        (b'{"reason": "' + b"w" * 501 + b'"}', 422),
        (b'{"reason": "\\u0007"}', 422),
        (b"{", 400),
    ],
)
def test_what_is_no_reason_is_refused_and_nothing_changes(service: Service, body: bytes, status: int) -> None:
    publish(service.shelf, living_card())
    for path in (PROMOTE, ROLL_BACK):
        assert service.http.post(path, content=body).status_code == status
    assert service.shelf.champion() == "2"


def test_where_a_model_learned_from_stays_on_its_machine(service: Service) -> None:
    about = {"history": "/srv/leads", "rows": 12}
    made = service.shelf.add(living_card(), about=about, at=service.clock())
    assert service.http.get(f"/v1/models/{made.version}").json()["about"] == {"rows": 12}
