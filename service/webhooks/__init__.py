"""Webhooks out: what happened is written beside what changed, and sent until the receiver has it."""

from .announcing import Event, announce, announce_grades, announce_handovers, forget, grades_before

__all__ = ["Event", "announce", "announce_grades", "announce_handovers", "forget", "grades_before"]
