"""What a person changes in a published model, signed: fields left out, points set, fields let in again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from scoring import WrongUsage
from scoring.editing import BadEdit, Edited, Setting, edited

from .published import Published
from .reasons import RULE, is_printable
from .sealed import json_bytes, moment_text

EDITED, VETOED, HAND_SET = "edited", "vetoed", "hand_set"
"""Parts of a published model's description: this edit; what is left out, by whom and why; points that were set."""

HISTORY, BESIDE = "history", "beside"
"""Further parts: the path of what it learned from; an edit beside its parent on the same leads."""

KEPT = (
    *("rows", "buyers", "mature", "censoring", "labels", "family", "split", "excluded_fields", "suspect_fields"),
    *("kept_fields", "strict", "mapping", "fields", "alarms", "arrivals", HISTORY),
)
"""What holds of an edited model as of the one that it was made from: it has learned nothing since."""


@dataclass(frozen=True, slots=True)
class Changes:
    """veto: fields to leave out. allow: fields to let in again. by: who says so. why: in words, both needed."""

    by: str
    why: str
    veto: tuple[str, ...] = ()
    points: tuple[Setting, ...] = ()
    allow: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """As a file."""
        return json_bytes(asdict(self))


def changes_of(data: bytes) -> Changes:
    """The changes of a file's bytes. Raises WrongUsage."""
    try:
        raw = json.loads(data)
        points = tuple(_setting(one) for one in raw.get("points", ()))
        veto, allow = (tuple(map(_text, raw.get(name, ()))) for name in ("veto", "allow"))
        return Changes(_text(raw["by"]), _text(raw["why"]), veto, points, allow)
    except (ValueError, LookupError, TypeError, AttributeError):
        shape = '{"by": "ann", "why": "...", "veto": ["Field"], "points": [{"field": "F", "level": "L", "points": 5}]}'
        raise WrongUsage("the file holds no changes of a model", f"write it as {shape}") from None


def edited_by(parent: Published, changes: Changes) -> Edited:
    """The parent's card with the changes made. Raises BadEdit for what cannot be done, by name."""
    _refuse_unsigned(changes)
    out = {str(one["field"]) for one in vetoed_in(parent.about)}
    for name in changes.allow:
        if name not in out:
            raise BadEdit(name, "it is not left out", f"left out are {', '.join(sorted(out)) or 'none'}")
        if name in changes.veto:
            raise BadEdit(name, "it is left out and let in at once", "say one of the two")
    for one in changes.points:
        if one.field in out:
            raise BadEdit(one.field, "it is left out of this model", "let it in, and train again: its points come back")
    for name in changes.veto:
        if name in out:
            raise BadEdit(name, "it is left out of this model already", "name another field, or let this one in again")
    if not (changes.veto or changes.points or changes.allow):
        raise BadEdit("edit", "nothing is changed", "leave a field out, or set the points of a level")
    found = edited(parent.card, veto=changes.veto, points=changes.points, monotone=monotone_of(parent.about))
    _refuse_idle(found)
    return found


def _refuse_idle(found: Edited) -> None:
    """BadEdit for a field none of whose levels moves by what people see, a tenth of a point."""
    moved = {one.field for one in found.points if round(one.before, 1) != round(one.after, 1)}
    for one in found.points:
        if one.field not in moved:
            rule = f"{one.level} has {one.before:+.1f} points already"
            raise BadEdit(one.field, rule, "set other points, or leave the field as it is")


def about_edit(parent: Published, changes: Changes, found: Edited, at: datetime) -> dict[str, Any]:
    """What an edited model's description says; the gate and the figures come beside."""
    points = [asdict(one) for one in found.points]
    signed = {"by": changes.by, "at": moment_text(at), "why": changes.why}
    words = {"parent": parent.version, **signed, "veto": list(changes.veto), "allow": list(changes.allow)}
    again = {(one["field"], one["level"]) for one in points}
    earlier = [one for one in hand_set_in(parent.about) if _stands(one, again, changes.veto)]
    lifted = {*changes.allow, *changes.veto}
    out = [one for one in vetoed_in(parent.about) if one["field"] not in lifted]
    about = {name: parent.about[name] for name in KEPT if name in parent.about}
    if "suspect_fields" in about:
        about["suspect_fields"] = [one for one in about["suspect_fields"] if one["field"] not in changes.veto]
    return {
        **about,
        EDITED: {**words, "points": points},
        VETOED: [*out, *({"field": name, **signed} for name in changes.veto)],
        HAND_SET: [*earlier, *({**one, **signed} for one in points)],
    }


def vetoed_in(about: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The fields that a model leaves out by a person's word: field, by, at, why."""
    return _listed(about, VETOED)


def hand_set_in(about: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The points that were set by hand and stand: field, level, before, after, by, at, why."""
    return _listed(about, HAND_SET)


def monotone_of(about: Mapping[str, Any]) -> Mapping[str, str]:
    """The fields that may only rise or fall, as the model was trained."""
    found = (about.get("mapping") or {}).get("monotone")
    return found if isinstance(found, Mapping) else {}


def _listed(about: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = about.get(name)
    return [one for one in found if isinstance(one, Mapping) and "field" in one] if isinstance(found, list) else []


def _stands(one: Mapping[str, Any], again: set[tuple[str, str]], veto: Sequence[str]) -> bool:
    return (one["field"], one.get("level")) not in again and one["field"] not in veto


def _refuse_unsigned(changes: Changes) -> None:
    for name, text in (("by", changes.by), ("why", changes.why)):
        if not text.strip():
            raise BadEdit(name, "it is empty", "say who changes the model and why: it stands in its description")
        if not is_printable(text):
            raise BadEdit(name, RULE)


def _setting(raw: Mapping[str, Any]) -> Setting:
    level, points = raw["level"], raw["points"]
    if type(level) not in (str, int) or type(points) not in (int, float):
        raise TypeError("a level and its points")
    return Setting(_text(raw["field"]), level, float(points))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text")
    return value
