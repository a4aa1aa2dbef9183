"""Bodies of the usual shape, parsed and checked in one go; any other is left to the strict reader, which says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from .asked import ID_CHARACTERS, LARGEST_INTEGER, MOST_FIELDS, TEXT_CHARACTERS, AskedLead, seconds_of
from .moments import micros_of

Name = Annotated[str, Meta(min_length=1, max_length=TEXT_CHARACTERS)]
Words = Annotated[str, Meta(max_length=TEXT_CHARACTERS)]
Whole = Annotated[int, Meta(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER - 1)]


class _Lead(Struct, forbid_unknown_fields=True, gc=False):
    id: Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS)]
    fields: Annotated[dict[Name, Words | Whole | float | bool | None], Meta(max_length=MOST_FIELDS)]
    created_at: str | UnsetType = UNSET
    as_of: str | UnsetType = UNSET

    @property
    def texts(self) -> int:
        """How many texts stand in it, names among them."""
        values = list(map(type, self.fields.values())).count(str)
        return 3 + len(self.fields) + values + 2 * ((self.created_at is not UNSET) + (self.as_of is not UNSET))


class _Leads(Struct, forbid_unknown_fields=True, gc=False):
    leads: list[_Lead]


Body = TypeVar("Body", _Lead, _Leads)

_one, _many = msgspec.json.Decoder(_Lead), msgspec.json.Decoder(_Leads)


def usual_lead(body: bytes) -> AskedLead | None:
    """The lead of a body that is one lead to score without activities; None for a body that is anything else."""
    found = _read(_one, body)
    return None if found is None or _texts_in(body) != found.texts else _asked(found)


def usual_leads(body: bytes, most: int) -> Sequence[AskedLead] | None:
    """The leads of a body that is 1 to `most` such leads; None for a body that is anything else."""
    found = _read(_many, body)
    if found is None or not 1 <= len(found.leads) <= most:
        return None
    if _texts_in(body) != 1 + sum([lead.texts for lead in found.leads]):
        return None
    asked = [_asked(lead) for lead in found.leads]
    return None if None in asked else [lead for lead in asked if lead is not None]


def _read(decoder: msgspec.json.Decoder[Body], body: bytes) -> Body | None:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _texts_in(body: bytes) -> int | None:
    """How many texts stand in a JSON text; None where it takes more than counting quotes, or one holds a NUL.

    Where a name stands twice there are more than were read, as the last one won: the strict reader looks.
    """
    quotes = body.count(b'"')
    if b"\\" in body:
        if b"\\\\" in body or b"\\u0000" in body:
            return None
        quotes -= body.count(b'\\"')
    return quotes // 2


def _asked(lead: _Lead) -> AskedLead | None:
    created, as_of = lead.created_at, lead.as_of
    if created is UNSET and as_of is UNSET:
        return AskedLead(lead.id, lead.fields, None, None, None)
    moments = [None if at is UNSET else micros_of(at) for at in (as_of, created)]
    if any(found is None for found, at in zip(moments, (as_of, created), strict=True) if at is not UNSET):
        return None
    return AskedLead(lead.id, lead.fields, seconds_of(moments[0]), seconds_of(moments[1]), None)
