"""The OpenAPI document is true: requests made from it by chance get the answers that it names, and no 5xx."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from models import Shelf
from service.access import Role
from service.settings import Limits
from service.webhooks import addresses
from tests.cards import living_card
from tests.service.conftest import BOTH, empty_database, publish, running
from tests.service.fuzzing import OPERATIONS, UNVARIED, Fuzzed, furnished

ADMIN_CASES = 12
"""Requests an operation in the quick test; the slow one sends more, as every role."""

CASES = int(os.environ.get("LEADRANK_FUZZ_CASES", "1000"))
"""Requests a role and database in the slow test."""


@pytest.fixture(scope="module", params=BOTH)
def fuzzed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    folder = tmp_path_factory.mktemp("fuzz")
    shelf = Shelf(folder / "shelf")
    publish(shelf, living_card())
    publish(shelf, living_card())
    with (
        pytest.MonkeyPatch.context() as patch,
        running(
            empty_database(request.param, request, folder),
            shelf,
            watch_seconds=3600,
            limits=Limits(failures_a_minute=1_000_000),
        ) as service,
    ):
        patch.setattr(addresses, "look_up", lambda _host, _port: ["93.184.216.34"])  # no name is asked for outside
        yield furnished(service)


def test_every_operation_is_tried(fuzzed: Fuzzed) -> None:
    assert sorted(fuzzed.operations) == OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_admin_gets_what_the_document_names(fuzzed: Fuzzed, operation: str) -> None:
    assert fuzzed.fuzz(operation, Role.ADMIN, ADMIN_CASES) >= (1 if operation in UNVARIED else ADMIN_CASES // 2)


@pytest.mark.slow
@pytest.mark.parametrize("role", list(Role))
def test_a_thousand_requests_of_each_role_get_what_the_document_names(fuzzed: Fuzzed, role: Role) -> None:
    each = 3 * CASES // 2 // len(set(OPERATIONS) - UNVARIED)  # some run out of different requests
    assert sum(fuzzed.fuzz(operation, role, each) for operation in OPERATIONS) >= CASES
