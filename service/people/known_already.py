"""What is known of a model before its leads have had their time: its test when it was learned, and new leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scoring.ratios import Kept, kept_of
from service.watching.drift import ALARMING, Found
from service.watching.newcomers import Newcomers

PROMISES = {Kept.AS_PROMISED: "as promised", Kept.FEWER: "fewer than promised", Kept.MORE: "more than promised"}


def known_already(about: Mapping[str, Any], new: Newcomers | None) -> list[str]:
    """A sentence each. about: the description of the model that serves."""
    return [said for said in (_tested(about), _moved(new)) if said]


def _tested(about: Mapping[str, Any]) -> str:
    """The ranking and the promises on the leads that the model was tested on."""
    metrics, split = (about.get(part) or {} for part in ("metrics", "judged_on"))
    split = split or about.get("split") or {}
    auc, ends = metrics.get("auc"), metrics.get("auc_ci")
    if auc is None or not ends:
        return ""
    leads = f"{split['test']:,} " if "test" in split else ""
    start = f"On the {leads}test leads that it was judged on before it served, whose outcomes are known"
    said = f"{start}: AUC {auc:.3f} ({ends[0]:.3f} to {ends[1]:.3f})"
    ratio, ends = metrics.get("observed_expected"), metrics.get("observed_expected_ci")
    if ratio is None or not ends:
        return f"{said}."
    kept = PROMISES[kept_of((ends[0], ends[1]))]
    return f"{said}; bought/promised {ratio:.2f} ({ends[0]:.2f} to {ends[1]:.2f}): {kept}."


def _moved(new: Newcomers | None) -> str:
    """Whether new leads are like those that the model learned from."""
    if new is None or not new.leads:
        return ""
    unknown = sum(drift.found is Found.TOO_FEW for drift, _ in new.fields)
    moved = [drift.field for drift, _ in new.fields if drift.found in ALARMING]
    told = len(new.fields) - unknown
    if not told:
        return f"Whether new leads are like those it learned from, nobody can say yet: {new.leads:,} are too few."
    what = f"{len(moved)} moved ({', '.join(moved[:3])})" if moved else "none has moved"
    more = f"; of {unknown} more nobody can say yet" if unknown else ""
    return f"Of {told} fields of the {new.leads:,} newest leads {what}{more}."
