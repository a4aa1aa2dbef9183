"""Who gets which lead: the rule alone, without a database and without a clock.

Leads come best first from desks: the desk of an owner, of a territory, or of nobody. An owner's leads are the owner's
alone; a territory's go to its sellers, and where all of these are away, or there are none, to sellers without
territories, as do leads of no territory. Who does not sell what a lead is about is not there for it. Contacts of one
company go to one seller, if he sells what they are about, and count as one call.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from service.access.grants import TERRITORY

CONTACTS_A_CALL = 10
"""Contacts of one company that count as one call: `n/a` is the company of thousands."""

OTHER = ""
"""The product of leads whose own one no seller names: they are for sellers of everything."""

Part = tuple[str | None, str | None]
"""A part of a desk: the desk, and a product that a seller names, OTHER, or None for leads about no product. An owner's
desk has one part alone, without a product."""

Place = tuple[float, int, bytes]
"""Where a lead stands among all: by worth, log-odds and id, as in the ranked list; the best is the smallest."""


class Why(StrEnum):
    """Why a lead that could be handed over is not."""

    NO_CAPACITY = "no_capacity"
    OWNER_AWAY = "owner_away"
    OWNER_IS_NO_SELLER = "owner_is_no_seller"
    NO_SELLER = "no_seller"
    NO_SELLER_OF_PRODUCT = "no_seller_of_product"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lead that may be handed over. desk: an owner's name, `territory:NAME`, or None. product: what it is about."""

    lead_id: str
    desk: str | None
    company: str | None
    place: Place
    product: str | None = None


@dataclass(slots=True)
class Seat:
    """A seller today. room: calls that can still be given; contacts: of companies that are counted already.

    products: none for a seller of everything.
    """

    name: str
    territories: frozenset[str]
    is_away: bool
    room: int
    contacts: Counter[str] = field(default_factory=Counter)
    products: frozenset[str] = frozenset()

    def sells(self, product: str | None) -> bool:
        """Whether a lead about this product may go to this seller; one about none may go to anyone."""
        return product is None or not self.products or product in self.products

    def cost(self, company: str | None) -> int:
        """Calls that one more lead of this company takes: none beside a contact that is counted already."""
        return int(company is None or self.contacts[company] % CONTACTS_A_CALL == 0)

    def has_room_for(self, company: str | None) -> bool:
        """Whether one more lead of this company can be given."""
        return not self.is_away and self.cost(company) <= self.room

    def give(self, company: str | None) -> None:
        """Count one more lead."""
        self.room -= self.cost(company)
        if company is not None:
            self.contacts[company] += 1


def is_owned(desk: str | None) -> bool:
    """Whether a desk is a person's: an owner's, or that of the seller of an earlier handover."""
    return desk is not None and not desk.startswith(TERRITORY)


class Here:
    """Sellers who are there, by territory."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        self._free = [seat for seat in seats if not seat.territories]
        self._of_territory: dict[str, list[Seat]] = {}
        for seat in seats:
            for territory in seat.territories:
                self._of_territory.setdefault(territory, []).append(seat)

    def takers(self, desk: str | None) -> Sequence[Seat]:
        """Those to whom a lead of this desk may go, if it is nobody's own."""
        if desk is None:
            return self._free
        return [] if is_owned(desk) else self._of_territory.get(desk.removeprefix(TERRITORY), self._free)


class Desks:
    """Whose leads are for whom, among the sellers of today. products: those that a seller names."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        self.seats = {seat.name: seat for seat in sorted(seats, key=lambda one: one.name.encode())}
        self.products = frozenset[str]().union(*(seat.products for seat in seats))
        self._here: dict[str | None, Here] = {}

    def part_of(self, desk: str | None, product: str | None) -> Part:
        """To which part of a desk a lead belongs: all of one part may go to the same sellers."""
        if product is None or not self.products or is_owned(desk):
            return desk, None
        return desk, product if product in self.products else OTHER

    def takers(self, desk: str | None, product: str | None = None) -> Sequence[Seat]:
        """The sellers to whom a lead of this desk about this product may go today, whatever room they have."""
        if desk is not None and desk in self.seats:
            return [] if self.seats[desk].is_away else [self.seats[desk]]
        _, sold = self.part_of(desk, product)
        if sold not in self._here:
            self._here[sold] = Here([seat for seat in self.seats.values() if not seat.is_away and seat.sells(sold)])
        return self._here[sold].takers(desk)

    def is_open(self, part: Part) -> bool:
        """Whether somebody has room for a lead of this part of a desk."""
        return any(seat.room > 0 for seat in self.takers(*part))

    def why_not(self, desk: str | None, product: str | None) -> Why:
        """Why a lead that is left on this desk, about this product, was not handed over."""
        if desk is not None and desk in self.seats:
            return Why.OWNER_AWAY if self.seats[desk].is_away else Why.NO_CAPACITY
        if is_owned(desk):
            return Why.OWNER_IS_NO_SELLER
        if self.takers(desk, product):
            return Why.NO_CAPACITY
        return Why.NO_SELLER_OF_PRODUCT if self.takers(desk) else Why.NO_SELLER


@dataclass(frozen=True, slots=True)
class Companies:
    """What is known of a company: who has leads of it, and its leads that may be handed over, the best first."""

    holders_of: Callable[[str], Sequence[str]]
    leads_of: Callable[[str], Sequence[Candidate]]


Given = tuple[Candidate, str]
"""A lead, and the name of the seller who gets it."""


class Allocation:
    """One handover while it is made up."""

    def __init__(self, desks: Desks, companies: Companies) -> None:
        self._desks, self._companies = desks, companies
        self._given: dict[str, Given] = {}
        self._sellers_of: dict[str, list[str]] = {}

    def run(self, streams: Mapping[Part, Iterator[Candidate]]) -> list[Given]:
        """Give leads away, of each part the best first, until they or the room for them end; in the order given."""
        self._join_companies()
        waiting: list[tuple[Place, int, Candidate]] = []
        sources = list(streams.items())
        for number in range(len(sources)):
            self._draw(sources, number, waiting)
        while waiting:
            _, number, candidate = heapq.heappop(waiting)
            self._offer(candidate)
            self._draw(sources, number, waiting)
        return list(self._given.values())

    def _draw(
        self,
        sources: Sequence[tuple[Part, Iterator[Candidate]]],
        number: int,
        waiting: list[tuple[Place, int, Candidate]],
    ) -> None:
        """Look at the next lead of a part, where somebody has room for it: a desk may hold a million."""
        part, stream = sources[number]
        found = next(stream, None) if self._desks.is_open(part) else None
        if found is not None:
            heapq.heappush(waiting, (found.place, number, found))

    def _offer(self, candidate: Candidate) -> None:
        fit = [seat for seat in self._takers(candidate) if seat.has_room_for(candidate.company)]
        if candidate.lead_id in self._given or not fit:
            return
        seat = min(fit, key=lambda one: (-one.room, one.name.encode()))
        self._give(candidate, seat)
        if candidate.company is not None:
            self._join(candidate.company, seat)

    def _give(self, candidate: Candidate, seat: Seat) -> None:
        seat.give(candidate.company)
        self._given[candidate.lead_id] = (candidate, seat.name)
        if candidate.company is not None and self._known_seller(candidate.company, candidate.product) is None:
            self._sellers_of[candidate.company].append(seat.name)

    def _takers(self, candidate: Candidate) -> Sequence[Seat]:
        """An owner comes first, then the seller who has the company and sells the product, then the desk."""
        if candidate.company is not None and not is_owned(candidate.desk):
            name = self._known_seller(candidate.company, candidate.product)
            if name is not None:
                return self._desks.takers(name)
        return self._desks.takers(candidate.desk, candidate.product)

    def _known_seller(self, company: str, product: str | None) -> str | None:
        seats = self._desks.seats
        if company not in self._sellers_of:
            self._sellers_of[company] = [name for name in self._companies.holders_of(company) if name in seats]
        return next((name for name in self._sellers_of[company] if seats[name].sells(product)), None)

    def _join(self, company: str, seat: Seat) -> None:
        """Give a seller what cost nothing beside what the seller has of a company, however low it ranks."""
        for candidate in self._companies.leads_of(company):
            if candidate.lead_id in self._given or self._takers(candidate) != [seat]:
                continue
            if seat.cost(company):
                return
            self._give(candidate, seat)

    def _join_companies(self) -> None:
        """Contacts that came since the company was handed over: they cost nothing, also where there is no room."""
        for seat in self._desks.seats.values():
            if not seat.is_away:
                for company in sorted(seat.contacts):
                    if not seat.cost(company):
                        self._join(company, seat)
