"""What a sender says that happened to leads, checked: activities, outcomes, feedback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

from service.asked import ID_RULE, SHORT_RULE, is_id, is_short, object_of
from service.moments import RULE as MOMENT_RULE
from service.moments import micros_of
from service.problems import Fault, Unfit

from .state import Event, Said, Source

LARGEST_VALUE = 1e15
COMMON = ("event_id", "lead_id", "at", "occurred_at")
ACTIVITY_KEYS = frozenset({*COMMON, "kind", "amount"})
OUTCOME_KEYS = frozenset({*COMMON, "outcome", "value", "reason", "deal_id"})
FEEDBACK_KEYS = frozenset({*COMMON, "feedback", "value", "reason", "until", "deal_id", "withdraws"})

OUTCOMES = (Said.WON, Said.LOST, Said.OPEN)
FEEDBACK = (Said.ACCEPTED, Said.REFUSED, Said.NOT_NOW, Said.WON, Said.LOST, Said.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Happened:
    """An activity. at: microseconds since 1970."""

    event_id: str
    lead_id: str
    at: int
    kind: str
    amount: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome or a salesperson's feedback on a lead."""

    lead_id: str
    event: Event


def activity(raw: object) -> Happened:
    """One activity; raises Unfit with every rule that it breaks."""
    body, faults = _object(raw, ACTIVITY_KEYS)
    event_id, lead_id, at = _common(body, faults)
    kind = body.get("kind")
    if not is_id(kind):
        faults.append(Fault("kind", ID_RULE))
    amount = _number(body, "amount", faults, least=-LARGEST_VALUE)
    if faults:
        raise Unfit(*faults)
    return Happened(event_id, lead_id, at, str(kind), amount)


def outcome(raw: object) -> Told:
    """One outcome: won, lost, or open again; raises Unfit."""
    return _told(raw, Source.OUTCOME, OUTCOME_KEYS, OUTCOMES)


def feedback(raw: object) -> Told:
    """What a salesperson says of a lead; raises Unfit."""
    return _told(raw, Source.FEEDBACK, FEEDBACK_KEYS, FEEDBACK)


def _told(raw: object, source: Source, keys: frozenset[str], may: tuple[Said, ...]) -> Told:
    body, faults = _object(raw, keys)
    event_id, lead_id, at = _common(body, faults)
    word = body.get(source.value)
    if word not in may:
        faults.append(Fault(source.value, f"one of {', '.join(may)}"))
    value = _number(body, "value", faults, least=0.0)
    if value is not None and word not in (Said.WON, None):
        faults.append(Fault("value", "only of what was won"))
    reason, deal = _text(body, "reason", faults, is_short, SHORT_RULE), _text(body, "deal_id", faults, is_id, ID_RULE)
    until = _moment(body, "until", faults) if body.get("until") is not None else None
    if until is not None and word != Said.NOT_NOW:
        faults.append(Fault("until", "only with not_now"))
    withdraws = _text(body, "withdraws", faults, is_id, ID_RULE)
    if word in may and (withdraws is None) is (word == Said.WITHDRAWN):
        faults.append(Fault("withdraws", "the event_id that is taken back, with withdrawn and only there"))
    if faults:
        raise Unfit(*faults)
    said = Said(str(word))
    return Told(lead_id, Event(source, event_id, said, at, value, reason, until, deal, withdraws=withdraws))


def _object(raw: object, keys: frozenset[str]) -> tuple[Mapping[str, object], list[Fault]]:
    faults: list[Fault] = []
    body = object_of(raw, keys, "an event", faults)
    if body is None:
        raise Unfit(*faults)
    return body, faults


def _common(body: Mapping[str, object], faults: list[Fault]) -> tuple[str, str, int]:
    found = []
    for name in ("event_id", "lead_id"):
        found.append(body.get(name))
        if not is_id(body.get(name)):
            faults.append(Fault(name, ID_RULE))
    key = "occurred_at" if "occurred_at" in body else "at"
    if "at" in body and "occurred_at" in body:
        faults.append(Fault("at", "given once, as at or as occurred_at"))
    return str(found[0]), str(found[1]), _moment(body, key, faults) or 0


def _moment(body: Mapping[str, object], key: str, faults: list[Fault]) -> int | None:
    micros = micros_of(body.get(key))
    if micros is None:
        faults.append(Fault(key, MOMENT_RULE))
    return micros


def _number(body: Mapping[str, object], key: str, faults: list[Fault], *, least: float) -> float | None:
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not _fits(value, least):
        faults.append(Fault(key, f"a number from {least:g} to {LARGEST_VALUE:g}, or null"))
        return None
    return float(value)


def _fits(value: float, least: float) -> bool:
    return (isinstance(value, int) or isfinite(value)) and least <= value < LARGEST_VALUE


def _text(
    body: Mapping[str, object], key: str, faults: list[Fault], fits: Callable[[object], bool], rule: str
) -> str | None:
    value = body.get(key)
    if value is not None and not fits(value):
        faults.append(Fault(key, rule))
    return value if isinstance(value, str) else None
