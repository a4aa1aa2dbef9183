"""A form that was refused: what was typed stays in it, and what is wrong is said at its field.

Nothing of it is kept: it goes back with the answer, and stands in no address and in no log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request

from service.problems import Problem

AGAIN = frozenset({HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE})
"""Answers after which the same form, mended or sent once more, may be taken."""

FORM, FIELD = "again", "wrong-{}"
"""Ids of the form on the page, and of a field in it."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that people fill in. name: of its input, empty for a word on the whole form. label: what stands there.

    rule: what to write, and the way out; empty where the fault says it. kind: of its input.
    """

    name: str
    label: str
    rule: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent. fields: those of people, by the name under which a fault speaks of them.

    page: the address, path and query, of the page that it stands on.
    """

    action: str
    given: Mapping[str, str]
    fields: Mapping[str, Field]
    page: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """wrong: what is to be mended, by the name of the input. detail: why, where it is none of the fields."""

    filled: Filled
    wrong: Mapping[str, str]
    status: int
    detail: str

    @property
    def labelled(self) -> Iterable[Field]:
        """The fields that people have filled in, or have to."""
        by_name = {field.name: field for field in self.filled.fields.values()}
        return [f for name, f in by_name.items() if name in self.filled.given or (name and name in self.wrong)]

    @property
    def hidden(self) -> Mapping[str, str]:
        """What else the form sent, such as its id, by which it counts once."""
        seen = {field.name for field in self.labelled}
        return {name: text for name, text in self.filled.given.items() if name not in seen}

    def is_mended_on(self, page: bytes | memoryview) -> bool:
        """True for a page that has the form, and every field that is wrong."""
        html = bytes(page)
        ids = (FORM, *(FIELD.format(name) for name in self.wrong if name))
        return all(f' id="{one}"'.encode() in html for one in ids)


class Typed:
    """What stands in one form of a page: nothing yet, or what was typed before it was refused."""

    def __init__(self, refusal: Refusal | None) -> None:
        self._given: Mapping[str, str] = refusal.filled.given if refusal else {}
        self._wrong: Mapping[str, str] = refusal.wrong if refusal else {}
        self.refused = refusal is not None

    def given(self, name: str, usual: str = "") -> str:
        """What was typed into a field; before anything is, what usually stands there."""
        return self._given.get(name, "") if self.refused else usual

    def wrong(self, name: str) -> str | None:
        """What is wrong with a field."""
        return self._wrong.get(name)

    def any(self, beginning: str) -> bool:
        """True where a field whose name begins so holds something, or is wrong."""
        return any(name.startswith(beginning) for name in (*self._given, *self._wrong))


def keep_filled(request: Request, filled: Filled) -> None:
    """Remember the form while this request is answered, should it be refused."""
    request.scope["filled"] = filled


def refusal_of(request: Request, problem: Problem) -> Refusal | None:
    """The refusal of the form that was sent; None where there is nothing for a person to mend."""
    filled: Filled | None = request.scope.get("filled")
    if filled is None or problem.status not in AGAIN or any(f.field not in filled.fields for f in problem.faults):
        return None
    found = [(filled.fields[fault.field], fault.rule) for fault in problem.faults]
    wrong = {field.name: f"{field.label}: {field.rule or rule}" for field, rule in reversed(found)}
    return Refusal(filled, dict(reversed(wrong.items())), int(problem.status), problem.detail)


def typed_in(refusal: Refusal | None, action: str, **which: str) -> Typed:
    """What stands in the form that goes to an action with these values."""
    filled = refusal and refusal.filled
    is_it = filled and filled.action == action and which.items() <= filled.given.items()
    return Typed(refusal if is_it else None)
