"""Whose words a model's labels rest on: the CRM's, or those of salespeople; told in the report and to programs."""

from __future__ import annotations

from typing import Any

from scoring.refusals import REFUSALS

from .lead_history import History


def words_of(history: History) -> dict[str, Any]:
    """In leads: purchases and losses by who told of them, and where nothing is known; a table has the CRM's alone."""
    if history.words:
        return dict(history.words)
    return {
        "purchases": {"crm": int(history.won.sum()), "sales": 0},
        "losses": {"crm": int((history.lost & ~history.won).sum()), "sales": 0, "refused": 0},
        **{"unknown": {}, "no_word_on_buying": 0, "handed_over": 0, "waiting": 0},
    }


def words_in_words(history: History) -> tuple[str, ...]:
    """What salespeople's words did, a sentence each; nothing where they said nothing."""
    words = words_of(history)
    purchases, losses = words["purchases"], words["losses"]
    unknown = {REFUSALS[code].words.lower(): n for code, n in words["unknown"].items() if code}
    why = ", ".join(f"{name}: {n:,}" for name, n in unknown.items())
    said = (
        (purchases["sales"], "purchases are known from salespeople alone"),
        (losses["sales"], "leads were lost by a salesperson's word alone"),
        (losses["refused"], "leads were refused for a reason that means a loss (no need, no money, bought elsewhere)"),
        (sum(unknown.values()), f"refused leads are unknown from then on, and not lost ({why})"),
        (words["no_word_on_buying"], "leads were refused with no word on buying: time tells"),
        (words["waiting"], "leads that were handed over wait for an answer: they are open, and not lost"),
    )
    return tuple(f"{n:,} {what}" for n, what in said if n)
