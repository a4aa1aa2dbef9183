"""What this process has done since it started, as plain numbers: cheap to count, read when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from threading import Lock

BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5)
"""Upper ends of the latency histogram, seconds."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Answers:
    """Requests of one route, method and class of status. buckets: how many ended within each, the last one open."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.buckets = [0] * (len(BUCKETS) + 1)


class Tally:
    """Requests are counted on the event loop alone; scores and leads in any thread."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str, int], Answers] = {}
        self.in_work = 0
        self.reading = 0
        self.refused = 0
        self.scores = 0
        self.leads = 0
        self.newest_score: int | None = None
        """The latest `as_of` of a score that was stored, seconds since 1970."""
        self._lock = Lock()

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request that ended. route: the template, never the address that was asked for."""
        key = (route, method, status // 100)
        found = self.answers.get(key)
        if found is None:
            found = self.answers[key] = Answers()
        found.seconds += seconds
        found.buckets[bisect_left(BUCKETS, seconds)] += 1

    def scored(self, count: int) -> None:
        """Count scores that were made, stored or not."""
        with self._lock:
            self.scores += count

    def stored_leads(self, count: int) -> None:
        """Count leads that were written."""
        with self._lock:
            self.leads += count

    def stored_scores(self, as_of: int) -> None:
        """Note that scores as of a moment were written."""
        with self._lock:
            self.newest_score = max(as_of, self.newest_score or as_of)


TALLY = Tally()
"""One a process: a scrape asks the process, whatever applications it holds."""
