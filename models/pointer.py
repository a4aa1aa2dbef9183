"""The pointer: which model is champion, whom it followed, and every change there was."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from .sealed import seal, unseal

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """A champion: its version, and the SHA-256 of its manifest, which pins every byte of it."""

    version: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Change:
    """One move of the pointer. action: promote or rollback. previous: null at first. at: ISO 8601, UTC.

    reason: why, in the words of who moved it; empty where nobody said.
    """

    action: str
    version: str
    previous: str | None
    by: str
    at: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pointer:
    """stack: the champion last, those that it followed before it. history: all changes, oldest first."""

    stack: tuple[Standing, ...] = ()
    history: tuple[Change, ...] = ()

    @property
    def champion(self) -> str | None:
        """The version that serves, if there is one."""
        return self.stack[-1].version if self.stack else None

    def promoted(self, standing: Standing, *, by: str, at: str, reason: str = "") -> Pointer:
        """The pointer after a promotion."""
        return self._changed("promote", (*self.stack, standing), by, at, reason)

    def rolled_back(self, stack: tuple[Standing, ...], *, by: str, at: str, reason: str = "") -> Pointer:
        """The pointer after a return to an earlier part of its stack."""
        return self._changed("rollback", stack, by, at, reason)

    def _changed(self, action: str, stack: tuple[Standing, ...], by: str, at: str, reason: str) -> Pointer:
        change = Change(action, stack[-1].version, self.champion, by, at, reason)
        return replace(self, stack=stack, history=(*self.history, change))

    def to_bytes(self) -> bytes:
        """The sealed JSON form; the champion stands on top for people to read."""
        now, last = self.stack[-1], self.history[-1]
        top = {"format": FORMAT, **asdict(now), "changed_at": last.at, "by": last.by}
        return seal({**top, **asdict(self)})


def pointer_of(data: bytes) -> Pointer:
    """The pointer of its bytes. ValueError says what is wrong with them."""
    body = unseal(data)
    if body.get("format") != FORMAT:
        raise ValueError(f"format {body.get('format')!r} is not known here: this version reads {FORMAT}")
    try:
        stack = tuple(Standing(**standing) for standing in body["stack"])
        return Pointer(stack, tuple(Change(**change) for change in body["history"]))
    except (LookupError, TypeError):
        raise ValueError("not a pointer") from None
