"""What a sender says of a lead, checked: the typed request, or every rule that it breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

from scoring.snapshot import Activity, activity_of

from .moments import RULE as MOMENT_RULE
from .moments import SECOND, micros_of
from .problems import Fault, Unfit, shown
from .strict_json import Repeated

ID_CHARACTERS = 200
TEXT_CHARACTERS = 1_000
NOTE_CHARACTERS = 10_000
"""Free text that the model reads by its words may be this long."""
MOST_FIELDS = 1_000
MOST_ACTIVITIES = 1_000
LARGEST_INTEGER = 1 << 63

SCORE_KEYS = frozenset({"id", "created_at", "fields", "activities", "as_of"})
KEEP_KEYS = frozenset({"id", "created_at", "updated_at", "fields", "owner", "territory", "company", "display"})
DISPLAY_KEYS = frozenset({"name", "phone", "email", "link"})
ACTIVITY_KEYS = frozenset({"kind", "at", "amount"})

SHORT_RULE = f"a text of 1 to {TEXT_CHARACTERS:,} characters without NUL, or null"
ID_RULE = f"a text of 1 to {ID_CHARACTERS} characters without NUL"


class AskedLead(NamedTuple):
    """A lead to score now and forget. as_of, created: seconds since 1970; as_of is None for now.

    activities: None where the sender says nothing of them.
    """

    id: str
    fields: Mapping[str, object]
    as_of: int | None
    created: int | None
    activities: tuple[Activity, ...] | None


@dataclass(frozen=True, slots=True)
class KeptLead:
    """A lead to keep. created_at, updated_at: microseconds since 1970, None where the sender does not say.

    own: owner, territory, company and display, as far as they are given.
    """

    id: str
    fields: dict[str, object]
    created_at: int | None = None
    updated_at: int | None = None
    own: Mapping[str, object] = field(default_factory=dict)


def asked_lead(raw: object, lengths: Mapping[str, int]) -> AskedLead:
    """The lead of one request to score; raises Unfit. lengths: how long a known field's text may be."""
    faults: list[Fault] = []
    body = object_of(raw, SCORE_KEYS, "body", faults)
    if body is None:
        raise Unfit(*faults)
    lead_id = body.get("id")
    if not is_id(lead_id):
        faults.append(Fault("id", ID_RULE))
    fields = _fields(body, lengths, faults)
    created = _moment(body, "created_at", faults)
    as_of = _moment(body, "as_of", faults)
    activities = _activities(body, faults)
    if faults:
        raise Unfit(*faults)
    assert isinstance(lead_id, str)
    return AskedLead(lead_id, fields, seconds_of(as_of), seconds_of(created), activities)


def seconds_of(micros: int | None) -> int | None:
    """Whole seconds of microseconds, None of None."""
    return None if micros is None else micros // SECOND


def kept_lead(raw: object, lead_id: str, lengths: Mapping[str, int], *, needs_fields: bool = True) -> KeptLead:
    """The lead of one PUT, or of one PATCH, which needs no fields; raises Unfit."""
    faults: list[Fault] = []
    body = object_of(raw, KEEP_KEYS, "body", faults)
    if body is None:
        raise Unfit(*faults)
    if not is_id(lead_id):
        faults.append(Fault("id", ID_RULE))
    if body.get("id", lead_id) != lead_id:
        faults.append(Fault("id", "the same id as in the address, or none"))
    fields = _fields(body, lengths, faults) if needs_fields or "fields" in body else {}
    created_at = _moment(body, "created_at", faults)
    updated_at = _moment(body, "updated_at", faults)
    own = _own(body, faults)
    if faults:
        raise Unfit(*faults)
    return KeptLead(lead_id, fields, created_at, updated_at, own)


def leads_of_many(raw: object, lengths: Mapping[str, int], most: int) -> tuple[list[KeptLead | Unfit], bool]:
    """The leads of a batch, or what each breaks, and whether they are to be merged; raises Unfit for the whole."""
    faults: list[Fault] = []
    body = object_of(raw, frozenset({"leads", "merge"}), "body", faults) or {}
    found, merge = body.get("leads"), body.get("merge", False)
    if not faults and (not isinstance(found, list) or not 1 <= len(found) <= most):
        faults.append(Fault("leads", f"a list of 1 to {most:,} leads"))
    if not isinstance(merge, bool):
        faults.append(Fault("merge", "true or false"))
    if faults:
        raise Unfit(*faults)
    assert isinstance(found, list)
    return [_one_of_many(one, lengths, needs_fields=not merge) for one in found], bool(merge)


def _one_of_many(raw: object, lengths: Mapping[str, int], *, needs_fields: bool) -> KeptLead | Unfit:
    lead_id = raw.get("id") if isinstance(raw, dict) else None
    try:
        return kept_lead(raw, lead_id if isinstance(lead_id, str) else "", lengths, needs_fields=needs_fields)
    except Unfit as fault:
        fault.about = lead_id if isinstance(lead_id, str) and is_id(lead_id) else None
        return fault


def _own(body: dict[str, object], faults: list[Fault]) -> dict[str, object]:
    """Owner, territory, company and display, as far as they are given; null takes one away."""
    found: dict[str, object] = {}
    for name in ("owner", "territory", "company"):
        if name in body:
            found[name] = body[name]
            if body[name] is not None and not is_short(body[name]):
                faults.append(Fault(name, SHORT_RULE))
    if "display" in body:
        found["display"] = _display(body["display"], faults)
    return found


def _display(raw: object, faults: list[Fault]) -> dict[str, object] | None:
    if raw is None:
        return None
    shown_ones = object_of(raw, DISPLAY_KEYS, "display", faults) or {}
    for name, value in shown_ones.items():
        if name in DISPLAY_KEYS and value is not None and not is_short(value):
            faults.append(Fault(f"display.{name}", SHORT_RULE))
    link = shown_ones.get("link")
    if isinstance(link, str) and not link.lower().startswith(("https://", "http://")):
        faults.append(Fault("display.link", "an address that begins with https:// or http://"))
    return {name: value for name, value in shown_ones.items() if value is not None}


def object_of(raw: object, keys: frozenset[str], place: str, faults: list[Fault]) -> dict[str, object] | None:
    """A JSON object, None for what is none; what is wrong, other keys too, goes to faults."""
    if type(raw) is dict:
        if not keys.issuperset(raw):
            faults.extend(
                Fault(shown(k), f"not known here; {place} may have {', '.join(sorted(keys))}")
                for k in raw.keys() - keys
            )
        return raw
    if isinstance(raw, Repeated):
        faults.append(Fault(raw.name, "given once"))
    else:
        faults.append(Fault(place, "an object"))
    return None


def is_id(value: object) -> bool:
    """True for a text of 1 to 200 characters that any database can hold."""
    return type(value) is str and 1 <= len(value) <= ID_CHARACTERS and is_storable(value)


def is_short(value: object) -> bool:
    """True for a text of 1 to 1,000 characters that any database can hold."""
    return type(value) is str and 1 <= len(value) <= TEXT_CHARACTERS and is_storable(value)


def is_storable(text: str) -> bool:
    """True where a text has no NUL and no lone surrogate: PostgreSQL refuses the one, UTF-8 the other."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fields(body: dict[str, object], lengths: Mapping[str, int], faults: list[Fault]) -> dict[str, object]:
    raw = body.get("fields")
    if isinstance(raw, Repeated):
        faults.append(Fault(f"fields.{raw.name}", "given once"))
        return {}
    if not isinstance(raw, dict):
        faults.append(Fault("fields", "an object of field names and values"))
        return {}
    if len(raw) > MOST_FIELDS:
        faults.append(Fault("fields", f"at most {MOST_FIELDS:,} fields"))
        return {}
    length_of = lengths.get
    for name, value in raw.items():
        if type(value) is str and len(value) <= length_of(name, 0) and value.isascii() and "\0" not in value:
            continue  # what most values are: the rules need not be gone through
        rule = _broken_rule(name, value, lengths)
        if rule:
            faults.append(Fault(f"fields.{shown(name)}", rule))
    return raw


def _broken_rule(name: str, value: object, lengths: Mapping[str, int]) -> str | None:
    """The rule that a field's name or value breaks."""
    longest = lengths.get(name)
    if longest is None:
        if not 1 <= len(name) <= TEXT_CHARACTERS or not is_storable(name):
            return f"a name of 1 to {TEXT_CHARACTERS:,} characters without NUL"
        longest = TEXT_CHARACTERS
    kind = type(value)
    if kind is str:
        assert isinstance(value, str)
        if len(value) > longest:
            return f"a text of at most {longest:,} characters"
        return None if is_storable(value) else "a text without NUL and lone surrogates"
    return None if value is None or kind is bool else _broken_number_rule(value)


def _broken_number_rule(value: object) -> str | None:
    if isinstance(value, int):
        return None if -LARGEST_INTEGER <= value < LARGEST_INTEGER else "a whole number of at most 64 bits"
    if isinstance(value, float):
        return None if isfinite(value) else "a finite number"
    return "a text, a number, true, false or null, not a list or an object"


def _moment(body: dict[str, object], key: str, faults: list[Fault]) -> int | None:
    value = body.get(key)
    if value is None:
        return None
    micros = micros_of(value)
    if micros is None:
        faults.append(Fault(key, MOMENT_RULE))
    return micros


def _activities(body: dict[str, object], faults: list[Fault]) -> tuple[Activity, ...] | None:
    raw = body.get("activities")
    if raw is None:
        return None
    if not isinstance(raw, list) or len(raw) > MOST_ACTIVITIES:
        faults.append(Fault("activities", f"a list of at most {MOST_ACTIVITIES:,} activities"))
        return None
    found = [_activity(activity, f"activities[{place}]", faults) for place, activity in enumerate(raw)]
    return tuple([activity for activity in found if activity is not None])


def _activity(raw: object, place: str, faults: list[Fault]) -> Activity | None:
    body = object_of(raw, ACTIVITY_KEYS, place, faults)
    if body is None:
        return None
    kind, at, amount = body.get("kind"), micros_of(body.get("at")), body.get("amount")
    if not is_id(kind):
        faults.append(Fault(f"{place}.kind", ID_RULE))
    if at is None:
        faults.append(Fault(f"{place}.at", MOMENT_RULE))
    if amount is not None and (isinstance(amount, bool | str) or _broken_number_rule(amount)):
        faults.append(Fault(f"{place}.amount", "a finite number or null"))
    if faults or at is None:
        return None
    assert isinstance(kind, str)
    assert amount is None or isinstance(amount, int | float)
    return activity_of(at // SECOND, kind, amount)
