"""Ridge logistic regression on codes: the matrix is never built, its products are sums by code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logit

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SETTLED = 1e-7
"""A fit ends when no mean derivative of the loss is larger."""

SLOW = 0.2
"""The curvature is computed anew where a step leaves more than this share of the gradient."""

MAX_STEPS = 200


@dataclass(frozen=True)
class Coded:
    """n leads as blocks of columns: table[codes] for every field, then 0/1 columns times a scale.

    blocks: pairs of codes (n,) and a table (codes, columns). words: float64 (n, columns), scaled.
    """

    blocks: list[tuple[NDArray[np.intp], Floats]]
    words: Floats

    @property
    def width(self) -> int:
        """How many columns the matrix has."""
        return sum(int(table.shape[1]) for _, table in self.blocks) + int(self.words.shape[1])

    def matrix(self) -> Floats:
        """The matrix itself, shape (n, columns)."""
        return np.concatenate([*(table[codes] for codes, table in self.blocks), self.words], axis=1)

    def places(self) -> Iterator[tuple[NDArray[np.intp], Floats, slice]]:
        """Every block with its columns."""
        at = 0
        for codes, table in self.blocks:
            yield codes, table, slice(at, at + table.shape[1])
            at += table.shape[1]

    def times(self, weights: Floats) -> Floats:
        """The matrix times weights of its columns, shape (n,)."""
        total = self.words @ weights[self.width - self.words.shape[1] :]
        for codes, table, place in self.places():
            total += (table @ weights[place])[codes]
        return np.asarray(total)

    def sums(self, values: Floats) -> Floats:
        """The transposed matrix times values of the leads, shape (columns,)."""
        parts = [table.T @ np.bincount(codes, weights=values, minlength=len(table)) for codes, table in self.blocks]
        return np.concatenate([*parts, self.words.T @ values])

    def gram(self, weight: Floats) -> Floats:
        """The transposed matrix times the weighted matrix, shape (columns, columns)."""
        found = np.zeros((self.width, self.width))
        blocks = list(self.places())
        weighted = self.words * weight[:, None]
        tail = slice(self.width - self.words.shape[1], self.width)
        found[tail, tail] = self.words.T @ weighted
        for n, (codes, table, place) in enumerate(blocks):
            alone = np.bincount(codes, weights=weight, minlength=len(table))
            found[place, place] = table.T @ (alone[:, None] * table)
            if self.words.shape[1]:
                by_code = [np.bincount(codes, weights=word, minlength=len(table)) for word in weighted.T]
                found[place, tail] = table.T @ np.array(by_code).T
                found[tail, place] = found[place, tail].T
            for others, other, beside in blocks[:n]:
                size = len(table) * len(other)
                both = np.bincount(codes * len(other) + others, weights=weight, minlength=size)
                cross = table.T @ both.reshape(len(table), len(other)) @ other
                found[place, beside], found[beside, place] = cross, cross.T
        return found


def fit_path(
    coded: Coded, bought: Flags, weight: Floats, penalties: tuple[float, ...]
) -> Mapping[float, tuple[Floats, float]]:
    """Weights and intercept for every inverse ridge penalty, each started where the one before ended."""
    average = float(np.average(bought, weights=weight))
    theta = np.append(np.zeros(coded.width), logit(np.clip(average, 1e-9, 1 - 1e-9)))
    found, path = {}, _Path(coded, bought.astype(np.float64), weight)
    for penalty in sorted(penalties):
        theta = path.fit(theta, penalty)
        found[penalty] = (theta[:-1].copy(), float(theta[-1]))
    return found


class _Path:
    """Newton's method that keeps the curvature while it serves; the last parameter is the intercept."""

    def __init__(self, coded: Coded, bought: Floats, weight: Floats) -> None:
        self._coded, self._bought, self._weight = coded, bought, weight
        self._curvature: Floats | None = None

    def fit(self, theta: Floats, penalty: float) -> Floats:
        """The minimum of loss + |weights|^2 / (2 penalty)."""
        ridge = np.append(np.full(len(theta) - 1, 1 / penalty), 0.0)
        loss, slope, chance = self._at(theta, ridge)
        fresh, factor, size = self._curvature is None, None, 1.0
        for _ in range(MAX_STEPS):
            if np.abs(slope).max() <= SETTLED * self._weight.sum():
                break
            if fresh or factor is None:
                if fresh or self._curvature is None:
                    self._curvature = self._curve(chance)
                factor = cho_factor(self._curvature + np.diag(ridge), lower=True)
            step = cho_solve(factor, slope)
            there = self._at(theta - size * step, ridge)
            if there[0] > loss:
                if fresh:
                    size /= 2
                    if size < 1e-9:
                        break
                fresh = True
                continue
            before = float(np.abs(slope).max())
            theta, (loss, slope, chance) = theta - size * step, there
            fresh, size = float(np.abs(slope).max()) > SLOW * before, 1.0
        return theta

    def _at(self, theta: Floats, ridge: Floats) -> tuple[float, Floats, Floats]:
        """Loss, its derivatives and the chances at theta."""
        z = self._coded.times(theta[:-1]) + theta[-1]
        chance = expit(z)
        loss = float(self._weight @ (np.logaddexp(0, z) - self._bought * z) + 0.5 * ridge @ theta**2)
        missed = self._weight * (chance - self._bought)
        slope = np.append(self._coded.sums(missed), missed.sum()) + ridge * theta
        return loss, slope, chance

    def _curve(self, chance: Floats) -> Floats:
        weight = self._weight * chance * (1 - chance)
        side = self._coded.sums(weight)
        whole = np.empty((len(side) + 1, len(side) + 1))
        whole[:-1, :-1] = self._coded.gram(weight)
        whole[-1, :-1] = whole[:-1, -1] = side
        whole[-1, -1] = max(float(weight.sum()), 1e-12)
        return whole
