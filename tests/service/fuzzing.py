"""Requests made by chance from the OpenAPI document, and what every answer to them must be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.python.asgi import ASGIClient
from schemathesis.specs.openapi import checks as openapi

from service.access import Role
from service.access.grants import Grant
from tests.service.access.test_matrix import MATRIX, OPEN, PAGES
from tests.service.conftest import ADDRESS, Service, bearer
from tests.service.samples import STRONG


def refuses_what_is_forbidden(context: Any, answer: Any, case: Any) -> bool | None:
    """Malformed data is taken nowhere; in a batch it fails alone, in an answer that says 200."""
    if re.match(rb'\{"num_errors":[1-9]', answer.content):
        return None
    return openapi.negative_data_rejection(context, answer, case)


CHECKS = [
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
    openapi.response_headers_conformance,
    refuses_what_is_forbidden,
]
"""No 5xx, no status and no media type that the document does not name, no body of another shape, and nothing taken
that the document forbids."""

OPERATIONS = sorted(f"{method} {path.replace(':path', '')}" for method, path in (MATRIX.keys() | OPEN) - PAGES)
"""All but the pages for people, which are not in the document."""

UNVARIED = {
    f"GET {path}"
    for path in (
        "/livez",
        "/readyz",
        "/metrics",
        "/v1/schema",
        "/v1/models",
        "/v1/webhooks",
        "/v1/sellers",
        "/v1/target",
    )
}
"""Of these there is one request alone."""


@dataclass
class Fuzzed:
    """A service with a few leads, models and webhooks, and how many requests it has answered."""

    service: Service
    document: Any
    keys: dict[Role, str]
    known: dict[str, str]
    statuses: dict[int, int] = field(default_factory=dict)
    _made: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
        schema = schemathesis.openapi.from_dict(self.document, config=config)
        self.operations = {op.label: op for op in (found.ok() for found in schema.get_all_operations())}
        self._client = ASGIClient(self.service.http.app, ADDRESS)

    def strategies(self, label: str) -> Iterator[Any]:
        """Well-formed requests, malformed ones, and both kinds for what is there."""
        operation = self.operations[label]
        names = [p.name for p in operation.path_parameters]
        there = {name: self.known[name] for name in names}
        for mode in GenerationMode:
            yield operation.as_strategy(generation_mode=mode)
            if there:
                yield operation.as_strategy(generation_mode=mode, path_parameters=there)

    def fuzz(self, label: str, role: Role, cases: int) -> int:
        """Send about so many requests of one operation; how many they were."""
        before = sum(self.statuses.values())
        if label not in self._made:
            self._made[label] = list(self.strategies(label))
        strategies = self._made[label]
        for strategy in strategies:
            self._fuzz(strategy, role, math.ceil(cases / len(strategies)))
        return sum(self.statuses.values()) - before

    def _fuzz(self, strategy: Any, role: Role, cases: int) -> None:
        calm = settings(
            max_examples=cases,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )

        @calm
        @given(case=strategy)
        def ask(case: Any) -> None:
            headers = {"Authorization": self.keys[role]}
            answer = case.call(base_url=ADDRESS, session=self._client, headers=headers, app=self.service.http.app)
            self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
            case.validate_response(answer, checks=CHECKS, headers=headers)

        try:
            ask()
        except Unsatisfiable:
            pass  # an operation without parameters has no malformed request


def furnished(service: Service) -> Fuzzed:
    """A service in which there is something to find, and somebody of every role."""
    http = service.http
    for number in range(3):
        assert http.put(f"/v1/leads/{number}", json={"fields": STRONG, "owner": "Ann"}).status_code == 201
    event = {"event_id": "e1", "lead_id": "1", "at": "2026-02-01"}
    assert http.post("/v1/activities", json=event | {"kind": "demo"}).status_code == 201
    assert http.post("/v1/outcomes", json=event | {"outcome": "won", "value": 5}).status_code == 201
    assert http.put("/v1/sellers/Ann", json={"capacity_per_week": 25}).status_code == 201
    hook = http.post("/v1/webhooks", json={"url": "https://93.184.216.34/"})
    assert hook.status_code == 201
    known = {"lead_id": "1", "version": "1", "id": hook.json()["id"], "name": "Ann"}
    keys = {role: bearer(service.database, Grant(role, all_leads=role is Role.SALES)) for role in Role}
    return Fuzzed(service, http.get("/openapi.json").json(), keys, known)
