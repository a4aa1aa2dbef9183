"""Verdicts on fields, with their evidence, and the user's word on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Excluded: no honest field shows this. Suspect: kept, but a person should be asked."""

    EXCLUDED = "excluded"
    SUSPECT = "suspect"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict on a field: the reason in words, the figures behind it."""

    field: str
    verdict: Verdict
    reason: str
    evidence: Mapping[str, object]

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {"field": self.field, "reason": self.reason, "evidence": dict(self.evidence)}


@dataclass(frozen=True, slots=True)
class Leaks:
    """The gate's findings after the user's word: what is left out, what stays under suspicion, what was kept."""

    excluded: tuple[Finding, ...]
    suspects: tuple[Finding, ...]
    kept: tuple[str, ...]

    @classmethod
    def of(cls, findings: list[Finding], *, keep: tuple[str, ...], strict: bool) -> Leaks:
        """keep: fields that the user vouches for. strict: suspects are left out as well."""
        judged = [f for f in findings if f.field not in keep]
        excluded = tuple(f for f in judged if strict or f.verdict is Verdict.EXCLUDED)
        suspects = tuple(f for f in judged if not strict and f.verdict is Verdict.SUSPECT)
        return cls(excluded, suspects, keep)

    @property
    def excluded_names(self) -> frozenset[str]:
        """The fields that are left out."""
        return frozenset(f.field for f in self.excluded)
