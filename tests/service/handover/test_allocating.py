"""The rule by which leads are given away, for any leads and sellers: never too many, never twice, the best first."""

from __future__ import annotations

import doctest
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.access.grants import TERRITORY
from service.handover import allocating, days, room, sellers
from service.handover.allocating import (
    CONTACTS_A_CALL,
    Allocation,
    Candidate,
    Companies,
    Desks,
    Given,
    Part,
    Seat,
    Why,
    is_owned,
)

NAMES = ("Ann", "Bob", "Cid", "Dot")
TERRITORIES = ("North", "South", "West")
PRODUCTS = ("CRM", "ERP")
COMPANIES = ("Acme", "Bolt", "Cog")


@dataclass(frozen=True)
class Morning:
    """Leads in any order, and sellers with what they have of companies already."""

    leads: tuple[Candidate, ...]
    seats: tuple[Seat, ...]

    def run(self) -> list[Given]:
        return allocate(self.leads, self.seats)


def allocate(leads: Sequence[Candidate], seats: Sequence[Seat]) -> list[Given]:
    """What is given of these leads, each part told best first, as the database tells it."""
    fresh = [replace(seat, contacts=Counter(seat.contacts)) for seat in seats]
    in_order = sorted(leads, key=lambda one: one.place)
    desks, parts = Desks(fresh), dict[Part, list[Candidate]]()
    for one in in_order:
        parts.setdefault(desks.part_of(one.desk, one.product), []).append(one)

    def holders_of(company: str) -> list[str]:
        mine = sorted(seat.name for seat in seats if seat.contacts[company])
        return mine + [c.desk for c in in_order if c.company == company and c.desk and is_owned(c.desk)]

    companies = Companies(holders_of, lambda company: [c for c in in_order if c.company == company])
    return Allocation(desks, companies).run({part: iter(found) for part, found in parts.items()})


def may_have(seat: Seat, candidate: Candidate) -> bool:
    """Whether a seller may have a lead about its product."""
    return candidate.product is None or seat.products == frozenset() or candidate.product in seat.products


@st.composite
def mornings(draw: st.DrawFn) -> Morning:
    desks = st.sampled_from([None, *(TERRITORY + t for t in TERRITORIES), *NAMES, "nobody here"])
    companies = st.sampled_from([None, None, *COMPANIES])
    products = st.sampled_from([None, *PRODUCTS, "Fax"])
    worth = st.integers(-4, 0).map(float)
    found = [
        Candidate(f"{number:02}", draw(desks), draw(companies), (draw(worth), 0, b"%02d" % number), draw(products))
        for number in range(draw(st.integers(0, 25)))
    ]
    seats = [
        Seat(
            name,
            draw(st.frozensets(st.sampled_from(TERRITORIES), max_size=2)),
            draw(st.booleans()) and draw(st.booleans()),
            draw(st.integers(0, 5)),
            Counter(draw(st.dictionaries(st.sampled_from(COMPANIES), st.integers(1, 12), max_size=1))),
            draw(st.frozensets(st.sampled_from(PRODUCTS))),
        )
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True))
    ]
    return Morning(tuple(found), tuple(seats))


def calls(contacts: Counter[str | None]) -> int:
    """Ten contacts of one company are one call; counted here in another way than the program counts."""
    return sum(
        count if company is None else len(range(0, count, CONTACTS_A_CALL)) for company, count in contacts.items()
    )


RUNS = settings(max_examples=400, deadline=None)


@RUNS
@given(mornings())
def test_nobody_gets_more_than_there_is_room_for(morning: Morning) -> None:
    got: dict[str, Counter[str | None]] = {seat.name: Counter() for seat in morning.seats}
    for candidate, name in morning.run():
        got[name][candidate.company] += 1
    for seat in morning.seats:
        had: Counter[str | None] = Counter(seat.contacts)
        assert calls(had + got[seat.name]) - calls(had) <= seat.room


@RUNS
@given(mornings())
def test_no_lead_is_given_twice_and_none_to_somebody_who_is_away(morning: Morning) -> None:
    found = morning.run()
    assert len({candidate.lead_id for candidate, _ in found}) == len(found)
    away = {seat.name for seat in morning.seats if seat.is_away}
    assert not away & {name for _, name in found}


@RUNS
@given(mornings())
def test_owners_and_territories_are_kept(morning: Morning) -> None:
    seats = {seat.name: seat for seat in morning.seats}
    for candidate, name in morning.run():
        if is_owned(candidate.desk):
            assert name == candidate.desk
        elif candidate.company is None:
            wanted = (candidate.desk or "").removeprefix(TERRITORY)
            able = [s for s in morning.seats if not s.is_away and may_have(s, candidate)]
            theirs = {s.name for s in able if wanted in s.territories}
            assert name in theirs or (not theirs and not seats[name].territories)


@RUNS
@given(mornings())
def test_nobody_gets_a_lead_about_a_product_that_is_not_his_unless_he_owns_it(morning: Morning) -> None:
    seats = {seat.name: seat for seat in morning.seats}
    for candidate, name in morning.run():
        assert may_have(seats[name], candidate) or candidate.desk == name


@RUNS
@given(mornings())
def test_contacts_of_a_company_about_one_product_that_nobody_owns_go_to_one_seller(morning: Morning) -> None:
    sellers_of: dict[tuple[str, str | None], set[str]] = {}
    for candidate, name in morning.run():
        if candidate.company is not None and not is_owned(candidate.desk):
            sellers_of.setdefault((candidate.company, candidate.product), set()).add(name)
    assert all(len(names) == 1 for names in sellers_of.values())


@RUNS
@given(mornings())
def test_no_better_lead_is_left_while_a_worse_one_by_the_same_rules_goes(morning: Morning) -> None:
    """The same rules: the same desk, and products that the same sellers sell."""
    found = morning.run()
    gone = {candidate.lead_id for candidate, _ in found}

    def rules(candidate: Candidate) -> tuple[str | None, set[str]]:
        able = set() if is_owned(candidate.desk) else {s.name for s in morning.seats if may_have(s, candidate)}
        return candidate.desk, able

    for left in (c for c in morning.leads if c.lead_id not in gone and c.company is None):
        alike = [c for c, _ in found if rules(c) == rules(left) and c.company is None]
        assert all(other.place < left.place for other in alike)


@RUNS
@given(mornings())
def test_where_there_is_room_no_lead_is_left(morning: Morning) -> None:
    """Whoever is left is so for a reason: nobody may take it, or those who may are full."""
    found = morning.run()
    gone = {candidate.lead_id for candidate, _ in found}
    spent: Counter[str] = Counter()
    got: dict[str, Counter[str | None]] = {seat.name: Counter(seat.contacts) for seat in morning.seats}
    for candidate, name in found:
        got[name][candidate.company] += 1
    for seat in morning.seats:
        spent[seat.name] = calls(got[seat.name]) - calls(Counter(seat.contacts))
    desks = Desks(morning.seats)
    for left in (c for c in morning.leads if c.lead_id not in gone and c.company is None):
        takers = desks.takers(left.desk, left.product)
        assert all(spent[seat.name] == seat.room for seat in takers)
        why = desks.why_not(left.desk, left.product)
        assert (why is Why.NO_CAPACITY) == bool(takers)
        assert why is not Why.NO_SELLER_OF_PRODUCT or (left.product and not takers and desks.takers(left.desk))


@RUNS
@given(mornings())
def test_the_order_of_leads_and_sellers_does_not_matter(morning: Morning) -> None:
    shuffled = Morning(tuple(reversed(morning.leads)), tuple(reversed(morning.seats)))
    assert shuffled.run() == morning.run()


def test_a_company_of_thousands_is_more_than_one_call() -> None:
    many = [Candidate(f"{n:03}", None, "n/a", (0.0, 0, b"%03d" % n)) for n in range(35)]
    found = allocate(many, [Seat("Ann", frozenset(), False, 3)])
    assert [candidate.lead_id for candidate, _ in found] == [f"{n:03}" for n in range(30)]


def test_a_company_goes_to_the_seller_who_owns_a_contact_of_it() -> None:
    owned = Candidate("1", "Ann", "Acme", (0.0, 0, b"1"))
    free = Candidate("2", None, "Acme", (-5.0, 0, b"2"))
    seats = [Seat("Ann", frozenset(), False, 1), Seat("Bob", frozenset(), False, 9)]
    assert allocate([owned, free], seats) == [(free, "Ann"), (owned, "Ann")]


def test_a_company_goes_to_a_second_seller_where_the_first_does_not_sell_what_a_contact_is_about() -> None:
    leads = [
        Candidate(str(n), None, "Acme", (float(n), 0, b"%d" % n), product)
        for n, product in enumerate(["CRM", "ERP", None, "CRM", "ERP"])
    ]
    seats = [
        Seat("Ann", frozenset(), False, 1, products=frozenset({"CRM"})),
        Seat("Bob", frozenset(), False, 1, products=frozenset({"ERP"})),
    ]
    assert {one.lead_id: name for one, name in allocate(leads, seats)} == dict.fromkeys("023", "Ann") | dict.fromkeys(
        "14", "Bob"
    )


def test_a_desk_that_nobody_has_room_for_is_not_read_on() -> None:
    """A desk may hold a million leads."""
    looked = []

    def stream() -> object:
        for n in range(1_000_000):
            looked.append(n)
            yield Candidate(str(n), None, None, (float(n), 0, b""))

    desks = Desks([Seat("Ann", frozenset(), False, 3)])
    found = Allocation(desks, Companies(lambda _: [], lambda _: [])).run({(None, None): stream()})  # type: ignore[dict-item]
    assert (len(found), len(looked)) == (3, 3)


@pytest.mark.parametrize("module", [allocating, days, room, sellers], ids=lambda m: m.__name__)
def test_the_examples_hold(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.failed == 0
