"""The threads that look after what changes outside: one sees a promotion, one has the kept leads scored again, others
see keys that were revoked and leads that may not be scored any more."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from .champion import Champion, Serving
from .database import Database
from .moments import Clock
from .rescoring import age, aged, bring_up_to_date, must_age

log = logging.getLogger("leadrank")


class Caretaker:
    """Works from `start` to `stop`, off the event loop: no request waits for a model to load."""

    def __init__(
        self,
        database: Database,
        champion: Champion,
        clock: Clock,
        watch_seconds: float,
        *,
        watches: Mapping[str, Callable[[], None]],
    ) -> None:
        """watches: by name, what else must be looked at, twice as often: what it finds holds within a second."""
        self._database, self._champion, self._clock = database, champion, clock
        self._watch_seconds, self._watches = watch_seconds, watches
        self._listed: Serving | None = None
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to watch."""
        self._stopping.clear()
        often = self._watch_seconds
        self._threads = [
            self._thread("shelf", self._champion.refresh, often),
            self._thread("rescoring", self._rescore, often),
            *(self._thread(name, look, often / 2) for name, look in self._watches.items()),
        ]
        for thread in self._threads:
            thread.start()

    def _thread(self, name: str, work: Callable[[], None], often: float) -> threading.Thread:
        return threading.Thread(target=self._repeat, args=(work, often), name=f"leadrank-{name}", daemon=True)

    def stop(self) -> None:
        """End: a chunk of leads that was begun is finished."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, work: Callable[[], None], often: float) -> None:
        while not self._stopping.is_set():
            try:
                work()
            except SQLAlchemyError as fault:
                log.warning("%s waits: the database did not answer (%s)", work.__qualname__, type(fault).__name__)
            self._stopping.wait(often)

    def _rescore(self) -> None:
        serving = self._champion.serving
        if serving is None:
            return
        if serving is not self._listed and bring_up_to_date(
            self._database, serving, self._clock, lambda: self._goes_on(serving)
        ):
            self._listed = serving
        self._age(serving)

    def _age(self, serving: Serving) -> None:
        """Score all again where what is known of all of them changed at once."""
        with self._database.reading() as connection:
            generation = must_age(connection)
        if generation is not None and age(self._database, serving, self._clock, lambda: self._goes_on(serving)):
            aged(self._database, generation)

    def _goes_on(self, serving: Serving) -> bool:
        return self._champion.serving is serving and not self._stopping.is_set()
