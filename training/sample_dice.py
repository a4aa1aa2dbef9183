"""The dice of the simulated market: a generator for each topic, so that a draw in one moves no other."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.str_]


def dice(seed: int, topic: str) -> np.random.Generator:
    """Return the generator of a topic; same seed and topic, same draws."""
    return np.random.default_rng([seed, zlib.crc32(topic.encode())])


def draw_levels(shares: Floats, size: int, rng: np.random.Generator) -> Ints:
    """Draw `size` level numbers with the given weights (any positive scale)."""
    edges = np.cumsum(shares) / np.sum(shares)
    return np.searchsorted(edges[:-1], rng.random(size), side="right").astype(np.int64)


def draw_levels_by_row(weights: Floats, rng: np.random.Generator) -> Ints:
    """Draw one level number for each row of `weights` (rows x levels, any positive scale)."""
    edges = np.cumsum(weights, axis=1)
    marks = rng.random(len(weights)) * edges[:, -1]
    return np.asarray((marks[:, None] >= edges[:, :-1]).sum(axis=1), dtype=np.int64)


def logistic(log_odds: Floats) -> Floats:
    """Return the probability of log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)
