"""The rows that a model is fitted on: tables of leads and of looks at them, labels and weights."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column
from scoring.snapshot import Derived

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Moments = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """n rows. table: their columns, what is derived included. as_of: seconds since 1970, None without dates.

    bought: within the horizon. weight: leads that a row stands for, None for one each. level: the same when the share
    of buyers is set, None where the last year's rows do. lead, group: equal for rows of one lead, and for rows that
    belong together; None where every row stands for itself. leads, leads_as_of: one row a lead, from which the schema
    is inferred, so that a lead that is looked at oftener does not count more.
    """

    table: MappingType[str, Column]
    bought: Flags
    as_of: Moments | None = None
    weight: Floats | None = None
    level: Floats | None = None
    group: Moments | None = None
    lead: NDArray[np.intp] | None = None
    derived: tuple[Derived, ...] = ()
    leads: MappingType[str, Column] | None = None
    leads_as_of: Moments | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.bought)

    @property
    def weights(self) -> Floats:
        """How many leads each row stands for, shape (n,)."""
        return np.ones(self.rows) if self.weight is None else self.weight

    def take(self, rows: NDArray[np.intp]) -> Rows:
        """Some of the rows, for the same leads."""
        return replace(
            self,
            table={name: column.rows(rows) for name, column in self.table.items()},
            bought=self.bought[rows],
            as_of=None if self.as_of is None else self.as_of[rows],
            weight=None if self.weight is None else self.weight[rows],
            level=None if self.level is None else self.level[rows],
            group=None if self.group is None else self.group[rows],
            lead=None if self.lead is None else self.lead[rows],
        )
