"""Sellers, handovers and the nurture list as plain data: for HTTP and for the command line alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from service.bodies import kept_score_body
from service.champion import MODEL
from service.moments import text_of_micros

from .days import Today
from .nurture import Nurtured
from .running import Handover
from .sellers import Seller
from .waiting import HOUR, waited


def seller_body(seller: Seller) -> dict[str, Any]:
    """A seller."""
    away = seller.away
    return {
        "name": seller.name,
        "capacity_per_week": seller.capacity,
        "territories": list(seller.territories),
        "products": list(seller.products),
        "away": None if away is None else {"from": away.first.isoformat(), "until": away.last.isoformat()},
    }


def handover_body(handed: Handover, *, dry_run: bool) -> dict[str, Any]:
    """What one run handed over, or would."""
    return {
        "day": handed.today.day.isoformat(),
        "dry_run": dry_run,
        "model": {"name": MODEL, "version": handed.model},
        "handed": len(handed.given),
        "sellers": of_sellers(Counter(row["seller"] for row in handed.given)),
        "left_out": dict(handed.left_out),
        "results": [given_body(row) for row in handed.given],
    }


def of_sellers(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """How many leads each seller got, by name."""
    return [{"seller": name, "leads": counts[name]} for name in sorted(counts, key=str.encode)]


def given_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `handovers`."""
    return {
        "lead_id": row["lead_id"],
        "seller": row["seller"],
        "event_id": row["event_id"],
        "at": text_of_micros(row["at"]),
        "expected_value": row["expected_value"],
        "probability": row["probability"],
        "score": row["score"],
        "grade": row["grade"],
        "readiness": row["readiness"],
        "model": {"name": MODEL, "version": row["model"]},
    }


def given_now_body(row: Row[Any], today: Today, hours: int) -> dict[str, Any]:
    """A row of `handovers` with its lead's state: of a lead that was given again since, this one waits no more."""
    waits = row.state_since == row.at
    return given_body(dict(row._mapping)) | {
        "company": row.company,
        "state": row.state,
        "waiting_seconds": waited(row.state, row.state_since, today.micros) if waits else None,
        "overdue": waits and row.state == "handed_over" and today.micros - row.state_since > hours * HOUR,
    }


def runs_body(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The runs of a day."""
    return [{"at": text_of_micros(run["at"]), **{k: run[k] for k in ("by", "handed", "left_out")}} for run in runs]


def nurtured_body(lead: Nurtured) -> dict[str, Any]:
    """A lead that stays with marketing."""
    return kept_score_body(lead.row) | {
        "why": lead.why.value,
        "state_reason": lead.row.state_reason,
        "look_again": lead.look_again,
    }
