"""From a training run to the shelf and the lab book: the model, its description, and whether it serves."""

from __future__ import annotations

import json
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from models.manifest import REPORT
from models.registry import Registry, RunRecord
from models.shelf import Published, Shelf

from .mapping import Mapping
from .report.page import report_of
from .rivals import as_attachment
from .train import Trained

NOTHING: MappingType[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Publication:
    """What was published: the version, whether it serves now, which one served before, and notes in words."""

    published: Published
    promoted: bool
    before: str | None
    notes: tuple[str, ...]


def publish(
    trained: Trained,
    mapping: Mapping,
    shelf: Shelf,
    registry: Registry,
    *,
    id_column: str | None,
    at: datetime,
    by: str,
    promote: bool = True,
    more: MappingType[str, object] = NOTHING,
) -> Publication:
    """Put the card on the shelf, promote it where the gate says so, and write the run into the lab book.

    more: what its description says beside.
    """
    about = {
        **trained.summary(),
        "mapping": _remembered(mapping, id_column),
        "fields": _fields(trained),
        "arrivals": trained.arrivals,
        **more,
    }
    report = report_of(trained, mapping)
    attachments = {**trained.pictures, **as_attachment(trained.judged), REPORT: report}
    published = shelf.add(trained.card, about=about, at=at, attachments=attachments)
    before, promoted = shelf.champion(), False
    if promote and trained.gate.decision == "promote":
        shelf.promote(published.version, by=by, at=at)
        promoted = True
    notes = registry.record_safely(published, _record(trained, mapping, report), shelf)
    return Publication(published, promoted, before, tuple(notes))


def _remembered(mapping: Mapping, id_column: str | None) -> dict[str, object]:
    """What `evaluate` and `score` need to read another history in the same way, and `export` and `retrain` to learn."""
    return {
        "id": id_column,
        "created_at": mapping.created_at,
        "outcome": mapping.outcome,
        "won": list(mapping.won),
        "lost": list(mapping.lost),
        "closed_at": mapping.closed_at,
        "value": mapping.value,
        "horizon_days": mapping.horizon_days,
        "currency": mapping.currency,
        "zone": mapping.zone,
        "outcome_id": mapping.outcome_id,
        "files": dict(mapping.files),
        "activity": dict(mapping.activity),
        "short_horizon_days": mapping.short_horizon_days,
        "capacity_per_week": mapping.capacity_per_week,
        "ignore": list(mapping.ignore),
        "keep": list(mapping.keep),
        "kinds": dict(mapping.kinds),
        "monotone": dict(mapping.monotone),
    }


def _fields(trained: Trained) -> list[dict[str, str]]:
    return [{"name": f.name, "kind": str(f.kind)} for f in trained.card.fields]


def _record(trained: Trained, mapping: Mapping, report: bytes) -> RunRecord:
    metrics = {k: v for k, v in trained.metrics.as_dict().items() if isinstance(v, float)}
    low, high = trained.metrics.auc_ci
    parameters: MappingType[str, object] = {
        "rows": trained.rows,
        "buyers": trained.buyers,
        "split": trained.split.kind,
        "horizon_days": mapping.horizon_days,
        "fields": len(trained.card.fields),
        "pairs": len(trained.card.pairs),
    }
    return RunRecord(
        parameters=parameters,
        metrics={
            **metrics,
            "auc_low": low,
            "auc_high": high,
            "yardstick_auc": trained.peers.yardstick.auc,
            "logistic_auc": trained.peers.logistic.auc,
        },
        pictures=trained.pictures,
        texts={
            "summary.json": json.dumps(trained.summary(), indent=2, ensure_ascii=False),
            REPORT: report.decode(),
        },
        estimators=trained.estimators,
        tags={"gate": trained.gate.decision},
    )
