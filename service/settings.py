"""What the service is told at the door: where its state lies and how much it accepts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from scoring import WrongUsage

MOST_REQUESTS = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may hold; lengths of texts count characters."""

    body_bytes: int = 1 << 20
    drained_bytes: int = 16 << 20
    """A larger body is read to here before the 413, so that the sender sees the answer and not a reset."""
    body_seconds: float = 10.0
    batch_leads: int = 1_000
    page_leads: int = 200
    default_page: int = 50


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. allowed_hosts: what a request's Host may say, against DNS rebinding."""

    database_url: str
    shelf: Path
    limits: Limits = field(default_factory=Limits)
    allowed_hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})
    watch_seconds: float = 1.0
    """How often the shelf's pointer and the outbox are looked at."""
    webhooks_internal: bool = False
    """Webhooks may go to addresses of this network, and by http."""

    most_requests: int = MOST_REQUESTS
    """In work at a time, a process; beyond it they are turned away."""

    @classmethod
    def of_environment(cls) -> Settings:
        """What the variables of docs/settings.md say; the home is `var/` where we are, the database SQLite there."""
        home = Path(os.environ.get("LEADRANK_HOME", "var")).absolute()
        url = os.environ.get("LEADRANK_DATABASE_URL") or f"sqlite:///{home / 'leadrank.db'}"
        return cls(
            database_url=url,
            shelf=home / "shelf",
            webhooks_internal=os.environ.get("LEADRANK_WEBHOOKS_INTERNAL") == "1",
            most_requests=_whole_number("LEADRANK_MOST_REQUESTS", MOST_REQUESTS),
        )


def _whole_number(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= 100_000:
        raise WrongUsage(f"{name} is no whole number from 1 to 100,000", f"leave it out for {default}")
    return int(value)
