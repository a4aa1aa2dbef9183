"""Neighbouring bins taken together: their name, and which of them say so nearly the same that one line is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scoring.fields import FIRST, Field, Kind
from scoring.words import code_text, number_text

NEVER = "never"
"""What the last bin of `days since ...` is called in words."""


def range_name(field: Field, first: int, last: int) -> str:
    """The name of the bins from code `first` to code `last` of a number or a date.

    >>> from scoring.fields import Kind
    >>> [range_name(Field("n", Kind.NUMBER, edges=(10.0, 50.0, 250.0)), *ends) for ends in ((1, 2), (2, 3), (3, 4))]
    ['49 or less', '10 to 249', '50 or more']
    """
    if first < last and code_text(field, last) == NEVER:
        return f"{range_name(field, first, last - 1)}, or {NEVER}"
    start, end = first - FIRST[field.kind], last - FIRST[field.kind] + 1
    edges = field.edges[max(0, start - 1) : end]
    if start == 0 and end > len(field.edges):
        return "given"
    if end > len(field.edges):
        return code_text(replace(field, edges=edges[:1]), FIRST[field.kind] + 1)
    ends = edges[-1:] if start == 0 else (edges[0], edges[-1])
    if field.kind is Kind.NUMBER and _whole(ends) and not _whole(field.edges):
        # of a field with fractions these whole borders would be told as those of counts: 10 to 49
        return ("under " if start == 0 else "") + " to ".join(map(number_text, ends))
    return code_text(replace(field, edges=ends), FIRST[field.kind] + len(ends) - 1)


def _whole(edges: Sequence[float]) -> bool:
    return all(float(edge).is_integer() for edge in edges)


def seen_of(leads: Sequence[int]) -> tuple[int, int]:
    """The places from the first bin that had leads to one after the last; both 0 where none had.

    >>> seen_of([0, 0, 7, 0, 9, 0]), seen_of([0, 0])
    ((2, 5), (0, 0))
    """
    places = [i for i, n in enumerate(leads) if n]
    return (places[0], places[-1] + 1) if places else (0, 0)


def merged(points: Sequence[float], leads: Sequence[int], most: int) -> list[tuple[int, int]]:
    """At most `most` runs of neighbours, (first, last) places, such that leads' points change least (Ward 1963).

    >>> merged([1.0, 1.1, 5.0, 5.1], [10, 10, 10, 10], 2)
    [(0, 1), (2, 3)]
    """
    runs = [(i, i) for i in range(len(points))]
    means, weights = list(points), [max(n, 1) for n in leads]
    while len(runs) > most:
        k = min(range(len(runs) - 1), key=lambda i: _loss(means, weights, i))
        total = weights[k] + weights[k + 1]
        means[k : k + 2] = [(means[k] * weights[k] + means[k + 1] * weights[k + 1]) / total]
        weights[k : k + 2] = [total]
        runs[k : k + 2] = [(runs[k][0], runs[k + 1][1])]
    return runs


def _loss(means: Sequence[float], weights: Sequence[int], i: int) -> float:
    return (means[i] - means[i + 1]) ** 2 * weights[i] * weights[i + 1] / (weights[i] + weights[i + 1])
