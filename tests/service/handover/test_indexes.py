"""What is asked while nobody else may write, or with every scrape, is answered from an index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import Connection, event

from service.handover.allocating import Desks, Seat
from service.handover.candidates import Candidates
from service.handover.days import Today
from service.handover.waiting import waiting
from service.ranked import listed_version
from tests.service.conftest import NOON, Service
from tests.service.handover.conftest import hand_over, leads, seller

TODAY = Today.of(NOON, UTC)


@contextmanager
def plans(service: Service) -> Iterator[tuple[Connection, list[str]]]:
    """A connection, and how each of its questions would be answered were there many leads."""
    found: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        word = "EXPLAIN QUERY PLAN " if service.database.is_sqlite else "EXPLAIN "
        raw = connection.connection.driver_connection.cursor()
        raw.execute(word + statement, parameters)
        found.append("\n".join(str(row[-1]) if service.database.is_sqlite else row[0] for row in raw.fetchall()))

    with service.database.reading() as connection:
        if not service.database.is_sqlite:
            for kind in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{kind} = off")  # a small table is read whole
        event.listen(connection, "before_cursor_execute", explain)
        yield connection, found


@pytest.fixture
def busy(team: Service) -> Service:
    """Three hundred leads, some of them of companies, some handed over."""
    leads(team, 150)
    leads(team, 150, "C", company="Acme")
    seller(team, "Ann", 25)
    hand_over(team)
    return team


def test_the_clock_reads_the_leads_of_which_something_was_said(busy: Service) -> None:
    with plans(busy) as (connection, found):
        waiting(connection, TODAY.micros, 24)
    assert "ix_leads_told" in found[0] or "ix_leads_state" in found[0]


def test_a_desk_is_read_in_its_order(busy: Service) -> None:
    with plans(busy) as (connection, found):
        version = listed_version(connection)
        assert version is not None
        next(Candidates(connection, version, TODAY, Desks([])).stream((None, None)))
        desks = Desks([Seat("Ann", frozenset(), False, 1, products=frozenset({"CRM"}))])
        free = Candidates(connection, version, TODAY, desks)
        next(free.stream((None, "CRM")), None)
        assert free.counts
    plain, product, counts = found[2], found[4], found[5]
    assert "ix_scores_" in plain
    if busy.database.is_sqlite:  # PostgreSQL goes by statistics, which a table of a test does not have
        assert "ix_scores_product" in product
    assert not any(word in plan for plan in (plain, product) for word in ("TEMP B-TREE", "Sort"))
    assert "ix_scores_stays" in counts


def test_a_company_is_read_without_the_list(busy: Service) -> None:
    with plans(busy) as (connection, found):
        version = listed_version(connection)
        assert version is not None
        companies = Candidates(connection, version, TODAY, Desks([])).companies
        found.clear()
        companies.leads_of("Acme")
        companies.holders_of("Acme")
    first, second, third = found
    assert "ix_leads_company" in first
    if busy.database.is_sqlite:  # PostgreSQL goes by statistics, which a table of a test does not have
        assert "ix_scores" not in second, "the list is in the order that is wanted, and a million leads long"
    assert "ix_leads_company" in third
