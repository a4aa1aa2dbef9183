"""What salespeople said of leads and when these were handed to them: `feedback.*` and `handovers.*` of a history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from scoring.columns import Column
from scoring.files import FileTable, read_table, texts_of
from scoring.refusals import refusal_code
from scoring.values import level_key

from .folder import part_of
from .mapping import Mapping
from .outcomes import NEVER, moments_of, take_column, values_of

HANDED_OVER, ACCEPTED, NOT_NOW, REFUSED, LOST, WON = "handed_over", "accepted", "not_now", "refused", "lost", "won"

WORDS = (ACCEPTED, NOT_NOW, REFUSED, LOST, WON)
"""What a salesperson may say."""


@dataclass(frozen=True, slots=True)
class Said:
    """One word on a lead. at: seconds since 1970. value: NaN where there is none. code: of the reason."""

    lead: str
    at: int
    word: str
    value: float = float("nan")
    code: str = ""
    deal: str | None = None


def said_in(folder: Path, mapping: Mapping, notes: list[str]) -> list[Said]:
    """All that the folder's feedback and handovers say; rows without a date or with another word are left out."""
    found: list[Said] = []
    for part, read in (("feedback", _feedback), ("handovers", _handovers)):
        path = part_of(folder, mapping, part, part)
        source = None if path is None else read_table(path)
        if source is None or not source.rows:
            continue
        rows = list(read(source, mapping))
        fit = [said for said in rows if said.at != NEVER and said.word in (*WORDS, HANDED_OVER)]
        if len(fit) < len(rows):
            notes.append(f"{len(rows) - len(fit):,} rows of {part} have no date, or say none of {', '.join(WORDS)}")
        found += fit
    return found


def _feedback(source: FileTable, mapping: Mapping) -> Iterator[Said]:
    columns = dict(source.columns)
    leads = texts_of(take_column(columns, "lead_id", "the column `lead_id`", "lead of the feedback"))
    words = texts_of(take_column(columns, "feedback", "the column `feedback`", "word of the feedback"))
    when = take_column(columns, "at", "the column `at`", "time of the feedback")
    at = moments_of(when, ZoneInfo(mapping.zone)).tolist()
    codes = [refusal_code(text) for text in _texts(columns, "reason", source.rows)]
    deals = [deal or None for deal in _texts(columns, "deal_id", source.rows)]
    values = values_of(columns, "value" if "value" in columns else None, source.rows).tolist()
    for lead, moment, word, value, code, deal in zip(leads, at, words, values, codes, deals, strict=True):
        yield Said(lead, moment, level_key(word).replace(" ", "_"), value, code, deal)


def _handovers(source: FileTable, mapping: Mapping) -> Iterator[Said]:
    columns = dict(source.columns)
    leads = texts_of(take_column(columns, "lead_id", "the column `lead_id`", "lead of the handovers"))
    when = take_column(columns, "at", "the column `at`", "time of the handovers")
    for lead, moment in zip(leads, moments_of(when, ZoneInfo(mapping.zone)).tolist(), strict=True):
        yield Said(lead, moment, HANDED_OVER)


def _texts(columns: dict[str, Column], name: str, rows: int) -> list[str]:
    return texts_of(columns[name]) if name in columns else [""] * rows
