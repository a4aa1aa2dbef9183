"""When two words on a purchase are of the same one: the CRM's and a salesperson's."""

from __future__ import annotations

SAME_PURCHASE_DAYS = 7
"""A seller's `won` this near to the CRM's is the same purchase told twice."""


def is_confirmed(deal: str | None, crm_deal: str | None, *, crm_won: bool, apart: float, week: float) -> bool:
    """Whether the CRM speaks of the purchase that a seller told of: the same deal, or a win within a week.

    apart: between the two, in any unit; week: so many days as SAME_PURCHASE_DAYS, in the same unit.

    >>> is_confirmed(None, "D1", crm_won=True, apart=6, week=SAME_PURCHASE_DAYS)
    True
    >>> is_confirmed("D1", "D1", crm_won=False, apart=80, week=SAME_PURCHASE_DAYS)
    True
    """
    return (deal is not None and deal == crm_deal) or (crm_won and abs(apart) <= week)
