"""Pictures of a judged model as PNG: gains, calibration, score distribution."""

from __future__ import annotations

import io

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

BLUE, GREY, ORANGE, GREEN = "#2a6fbb", "#8a8f98", "#d9822b", "#00684a"
SIZE = (6.0, 4.2)
"""Inches at 120 dots: 720 by 504 pixels."""


def pictures_of(bought: Flags, probability: Floats) -> dict[str, bytes]:
    """File name -> PNG bytes of each picture, from test leads; shapes (n,)."""
    return {
        "gains.png": _gains(bought, probability),
        "calibration.png": _calibration(bought, probability),
        "distribution.png": _distribution(bought, probability),
    }


def _gains(bought: Flags, probability: Floats) -> bytes:
    figure = Figure(SIZE, layout="constrained")
    axes = figure.add_subplot()
    order = np.argsort(-probability, kind="stable")
    found = np.concatenate(([0], np.cumsum(bought[order]))) / bought.sum()
    called = np.linspace(0, 1, len(found))
    axes.plot(100 * called, 100 * found, color=BLUE, label="by score")
    axes.plot([0, 100 * bought.mean(), 100], [0, 100, 100], color=GREEN, linewidth=1, label="a perfect ranking")
    axes.plot([0, 100], [0, 100], color=GREY, linestyle="--", label="in any order")
    axes.set(xlabel="% of leads called, best first", ylabel="% of buyers reached", title="Gains on test leads")
    axes.legend(frameon=False)
    return _png(figure)


def _calibration(bought: Flags, probability: Floats) -> bytes:
    figure = Figure(SIZE, layout="constrained")
    axes = figure.add_subplot()
    parts = np.array_split(np.argsort(probability, kind="stable"), min(10, len(bought)))
    promised = np.array([probability[p].mean() for p in parts])
    happened = np.array([bought[p].mean() for p in parts])
    error = np.array([1.96 * np.sqrt(max(m * (1 - m), 1e-9) / len(p)) for m, p in zip(happened, parts, strict=True)])
    top = 100 * max(promised.max(), (happened + error).max()) * 1.05
    axes.plot([0, top], [0, top], color=GREY, linestyle="--", label="perfect")
    axes.errorbar(100 * promised, 100 * happened, yerr=100 * error, fmt="o", color=BLUE, label="tenths of test leads")
    axes.set(xlabel="% promised", ylabel="% that bought", title="Promised against happened (95 % interval)")
    axes.legend(frameon=False)
    return _png(figure)


def _distribution(bought: Flags, probability: Floats) -> bytes:
    figure = Figure(SIZE, layout="constrained")
    axes = figure.add_subplot()
    bins = np.linspace(0, max(probability.max(), 1e-6), 31)
    for who, color, name in ((~bought, GREY, "did not buy"), (bought, ORANGE, "bought")):
        weights = np.full(int(who.sum()), 100 / max(1, int(who.sum())))
        axes.hist(100 * probability[who], (100 * bins).tolist(), weights=weights, color=color, alpha=0.6, label=name)
    axes.set(xlabel="probability in %", ylabel="% of group", title="Probability by outcome")
    axes.legend(frameon=False)
    return _png(figure)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
