"""The leakage gate: which fields know the outcome already, by what honest fields never show, and never by a name."""

from .dates import Written, written_after
from .filled import closed_against_open
from .gate import find_leaks, gate_design
from .verdicts import Finding, Leaks, Verdict

__all__ = [
    "Finding",
    "Leaks",
    "Verdict",
    "Written",
    "closed_against_open",
    "find_leaks",
    "gate_design",
    "written_after",
]
