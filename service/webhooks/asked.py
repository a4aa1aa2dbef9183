"""What an administrator says of webhooks, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from service.asked import object_of
from service.problems import Fault, Unfit, shown
from service.settings import Limits

from .addresses import LONGEST_URL
from .announcing import Event
from .listed import Place, State

ENDPOINT_KEYS = frozenset({"url", "events"})
LIST_KEYS = frozenset({"state", "limit", "after"})
KNOWN = frozenset(Event)


@dataclass(frozen=True, slots=True)
class AskedEndpoint:
    """An endpoint to add; events: what it listens to, in the order of the program, each once."""

    url: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A page of deliveries."""

    state: State
    limit: int
    after: Place | None


def asked_endpoint(raw: object) -> AskedEndpoint:
    """The endpoint of one POST; raises Unfit. Whether its address is allowed is asked later."""
    faults: list[Fault] = []
    body = object_of(raw, ENDPOINT_KEYS, "body", faults)
    url, events = (body or {}).get("url"), (body or {}).get("events", [e.value for e in Event])
    if body is not None and (type(url) is not str or not 1 <= len(url) <= LONGEST_URL):
        faults.append(Fault("url", f"an address of at most {LONGEST_URL:,} printable ASCII characters"))
    if not isinstance(events, list) or not events or not all(type(e) is str and e in KNOWN for e in events):
        faults.append(Fault("events", f"a list of one or more of {', '.join(Event)}; left out for all"))
    if faults:
        raise Unfit(*faults)
    assert isinstance(url, str)
    assert isinstance(events, list)
    return AskedEndpoint(url, tuple(event for event in Event if event in events))


def list_query(given: QueryParams, limits: Limits) -> ListQuery:
    """The page of deliveries that a query string asks for; raises Unfit."""
    names = [name for name, _ in given.multi_items()]
    rule = f"given once, and one of {', '.join(sorted(LIST_KEYS))}"
    faults = [Fault(shown(n), rule) for n in dict.fromkeys(names) if n not in LIST_KEYS or names.count(n) > 1]
    state, limit, after = given.get("state", State.DUE), given.get("limit"), given.get("after")
    if state not in frozenset(State):
        faults.append(Fault("state", f"one of {', '.join(State)}"))
    if limit is not None and not (re.fullmatch("[0-9]{1,6}", limit) and 1 <= int(limit) <= limits.page_leads):
        faults.append(Fault("limit", f"a whole number from 1 to {limits.page_leads}"))
    place = None if after is None else Place.of(after)
    if after is not None and place is None:
        faults.append(Fault("after", "`paging.next.after` of the page before"))
    if faults:
        raise Unfit(*faults)
    return ListQuery(State(state), int(limit or limits.default_page), place)
