"""What a lead is about, and who sells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import Shelf
from service.life.rows import product_of
from tests.cards import living_card
from tests.service.conftest import Service, publish, running
from tests.service.handover.conftest import given, hand_over, lead, leads, seller


def test_a_lead_goes_to_those_who_sell_what_it_is_about(team: Service) -> None:
    seller(team, "Ann", 25, products=("CRM",))
    seller(team, "Bob", 25, "North", products=("ERP", "7"))
    lead(team, "crm", product="CRM")
    lead(team, "none of the north", product=" ", territory="North")
    lead(team, "erp of the north", product="ERP", territory="North")
    lead(team, "crm of the north", product="CRM", territory="North")
    lead(team, "seven of the north", product=7, territory="North")
    lead(team, "anns", product="Fax", owner="Ann")
    lead(team, "erp", product="ERP")
    lead(team, "fax", product="Fax")
    lead(team, "small letters", product="crm")
    handed = hand_over(team)
    assert given(handed) == {
        "crm": "Ann",
        "anns": "Ann",
        "crm of the north": "Ann",
        "none of the north": "Bob",
        "erp of the north": "Bob",
        "seven of the north": "Bob",
    }
    assert handed["left_out"]["no_seller_of_product"] == 3
    seller(team, "Cid", 25)
    assert given(hand_over(team)) == {"erp": "Cid", "fax": "Cid", "small letters": "Cid"}


def test_a_better_lead_about_another_product_takes_nobodys_place(team: Service) -> None:
    """The first hundred of the list are for nobody here: the one that Ann sells is found behind them."""
    seller(team, "Ann", 5, products=("CRM",))
    leads(team, 120, fields_too={"product": "ERP"})
    lead(team, "crm", worth=1, product="CRM")
    lead(team, "none", worth=2)
    lead(team, "put first", worth=0, product="CRM")
    word = {"place": "first", "reason": "a fair", "until": "2026-03-31"}
    assert team.http.put("/v1/leads/put first/override", json=word).is_success
    handed = hand_over(team)
    assert given(handed) == {"put first": "Ann"}
    assert (handed["left_out"]["no_capacity"], handed["left_out"]["no_seller_of_product"]) == (2, 120)
    team.http.patch("/v1/leads/L007", json={"fields": {"product": "CRM"}})
    team.clock.wait(days=1)
    assert given(hand_over(team)) == {"L007": "Ann"}, "what a lead is about follows what the CRM says"


def test_contacts_of_one_company_about_two_products_go_to_two_sellers(team: Service) -> None:
    seller(team, "Ann", 5, products=("CRM",))
    seller(team, "Bob", 5, products=("ERP",))
    for one, worth, product in (("a1", 400, "CRM"), ("a2", 300, "ERP"), ("a3", 5, None), ("a4", 4, "ERP")):
        lead(team, one, worth=worth, product=product, company="Acme")
    assert given(hand_over(team)) == {"a1": "Ann", "a3": "Ann", "a2": "Bob", "a4": "Bob"}
    lead(team, "a5", product="ERP", company="Acme")
    assert given(hand_over(team)) == {"a5": "Bob"}, "it joins the one who sells it, where there is no room"


def test_the_setting_names_the_field(database_url: str, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    publish(shelf, living_card())
    with running(database_url, shelf, watch_seconds=3600, product_field="Interest") as team:
        seller(team, "Ann", 25, products=("CRM",))
        leads(team, 1, "A", fields_too={"Interest": "CRM", "product": "ERP"})
        leads(team, 1, "B", fields_too={"Interest": "ERP", "product": "CRM"})
        assert given(hand_over(team)) == {"A000": "Ann"}


@pytest.mark.parametrize(
    ("value", "product"),
    [
        *((word, None) for word in (None, "", " \t", "N/A", "-", "Select")),
        *(("CRM ", "CRM "), (True, "true"), (7.0, "7"), ("x" * 102, "x" * 101)),
    ],
)
def test_what_a_lead_is_about_is_a_text_or_nothing(value: object, product: str | None) -> None:
    assert product_of({"product": value}, "product") == product
