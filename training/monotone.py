"""Fields that may only speak one way: more of it never makes a purchase less likely, or never more."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression

from scoring.errors import WrongUsage
from scoring.fields import Field, Kind

from .additive import Additive
from .design import Design

Floats = NDArray[np.float64]

RISES = {"up": True, "down": False}


def refuse_unordered(fields: tuple[Field, ...], monotone: MappingType[str, str]) -> None:
    """WrongUsage where a field that is to rise or fall has no order."""
    for field in fields:
        if field.name in monotone and field.kind is not Kind.NUMBER:
            raise WrongUsage(
                f"{field.name!r} is read as a {field.kind.value}: only a number can be monotone",
                'leave it out of [fields] monotone, or say [fields] kind = { "..." = "number" }',
            )


def held_to(model: Additive, design: Design) -> Additive:
    """The nearest model whose monotone fields only rise or fall; they have no pairs, and missing stands apart.

    Tables are projected by weight of leads (isotonic regression: Barlow et al. 1972).
    """
    places = {i: RISES[design.monotone[f.name]] for i, f in enumerate(design.fields) if f.name in design.monotone}
    if not places:
        return model
    mains, lines = dict(model.mains), dict(model.lines)
    for i, rises in places.items():
        mains[i] = _projected(mains[i], design.counts(i), rises)
        if i in lines and (lines[i] > 0) is not rises:
            lines[i] = 0.0
    pairs = {key: pair for key, pair in model.pairs.items() if not places.keys() & set(key)}
    return replace(model, mains=mains, pairs=pairs, lines=lines)


def _projected(table: Floats, counts: Floats, rises: bool) -> Floats:
    """Bins in order; a bin that no lead has counts next to nothing."""
    found = table.copy()
    weight = np.maximum(counts[1:], 1e-6)
    found[1:] = isotonic_regression(table[1:], sample_weight=weight, increasing=rises)
    return found
