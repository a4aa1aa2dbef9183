"""Leads of one reason are asked of the database: the same leads of which the nurture list says that reason."""

from __future__ import annotations

from service.handover.allocating import Why
from service.handover.because import because
from service.handover.days import Today
from service.handover.nurture import desks_of, nurture_page
from service.handover.sellers import every_seller
from service.handover.staying import Stays
from service.ranked import listed_version
from tests.service.conftest import Service

from .conftest import lead, leads, seller
from .test_staying import of_every_kind, stay


def found(service: Service) -> dict[str, str]:
    """Why each lead stays, asked reason by reason."""
    today = Today.of(service.clock(), service.clock().tzinfo)  # type: ignore[arg-type]
    ids: dict[str, str] = {}
    with service.database.reading() as connection:
        model, desks = listed_version(connection), desks_of(every_seller(connection), today)
        assert model is not None
        for why in (*Stays, *Why):
            where = because(connection, why, today, model, desks)
            page = nurture_page(connection, today, 200, short_days=None, where=where)
            assert not ids.keys() & {one.row.id for one in page.leads}, "each lead has one reason"
            ids |= {one.row.id: why.value for one in page.leads}
    return ids


def test_each_reason_has_the_leads_of_which_the_list_says_it(team: Service) -> None:
    of_every_kind(team)
    assert found(team) == stay(team)
    lead(team, "nobodys")
    assert found(team) == stay(team)
    assert found(team)["nobodys"] == "no_capacity"
    seller(team, "Ann", 5, away=("2026-03-02", "2026-03-08"))
    assert found(team) == stay(team)
    assert found(team)["nobodys"] == "no_seller"


def test_a_page_without_some_leads_is_as_long_as_any_other(team: Service) -> None:
    seller(team, "Ann", 5)
    ids = leads(team, 6, owner="Ann")
    today = Today.of(team.clock(), team.clock().tzinfo)  # type: ignore[arg-type]
    with team.database.reading() as connection:
        first = nurture_page(connection, today, 2, short_days=None, without=ids[:2])
        assert [one.row.id for one in first.leads] == ids[2:4]
        rest = nurture_page(connection, today, 2, first.next, short_days=None, without=ids[:2])
    assert ([one.row.id for one in rest.leads], rest.next) == (ids[4:], None)
