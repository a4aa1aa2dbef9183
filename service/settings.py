"""What the service is told at the door: where its state lies and how much it accepts."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from scoring import WrongUsage

from .openid.configured import OpenId, openid_of

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""What a request's Host says of a service that only this machine reaches."""

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
    failures_a_minute: int = 10
    """Failed sign-ins of one account, and from one address, before 429."""


MOST = 100_000
"""No setting is a larger number."""

ANSWER_WITHIN = 24
"""Hours that a seller has to answer a lead, where no other number is set."""

PRODUCT_FIELD = "product"
"""The field of a lead that says what it is about, where no other one is named."""

KEEP_SCORES_DAYS = 400
"""How long scores of earlier days are kept, where no other number is set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. allowed_hosts: what a request's Host may say, against DNS rebinding."""

    database_url: str
    shelf: Path
    limits: Limits = field(default_factory=Limits)
    allowed_hosts: frozenset[str] = THIS_MACHINE
    watch_seconds: float = 1.0
    """How often the shelf's pointer and the outbox are looked at."""
    keep_scores_days: int = KEEP_SCORES_DAYS
    webhooks_internal: bool = False
    """Webhooks may go to addresses of this network, and by http."""

    most_requests: int = MOST_REQUESTS
    """In work at a time, a process; beyond it they are turned away."""
    answer_within: int = ANSWER_WITHIN
    """Hours after which a lead that was handed over and not answered is an alarm."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """Whose days and weeks count when leads are handed over."""

    currency: str | None = None
    """In which amounts are, as three letters of ISO 4217; None where pages show numbers alone."""

    product_field: str = PRODUCT_FIELD
    """The field of a lead that says what it is about: sellers may be limited to products."""

    retrain_at: time | None = None
    """When the service retrains every day, in UTC; None for never."""

    openid: OpenId | None = None
    """Where people sign in with their company's account; None for nowhere."""

    @property
    def secret_file(self) -> Path:
        """Where the installation's secret lies: beside the shelf, outside of the database."""
        return self.shelf.parent / "secret.key"

    @classmethod
    def of_environment(cls) -> Settings:
        """What the variables of docs/settings.md say; the home is `var/` where we are, the database SQLite there."""
        home = Path(os.environ.get("LEADRANK_HOME", "var")).absolute()
        url = os.environ.get("LEADRANK_DATABASE_URL") or f"sqlite:///{home / 'leadrank.db'}"
        return cls(
            database_url=url,
            shelf=home / "shelf",
            allowed_hosts=THIS_MACHINE | hosts_of(os.environ.get("LEADRANK_ALLOWED_HOSTS", "")),
            keep_scores_days=whole("LEADRANK_KEEP_SCORES_DAYS", KEEP_SCORES_DAYS, least=8),
            webhooks_internal=os.environ.get("LEADRANK_WEBHOOKS_INTERNAL") == "1",
            most_requests=whole("LEADRANK_MOST_REQUESTS", MOST_REQUESTS, least=1),
            retrain_at=time_of_day("LEADRANK_RETRAIN_AT"),
            answer_within=whole("LEADRANK_ANSWER_WITHIN", ANSWER_WITHIN, least=1),
            zone=zone_of(os.environ.get("LEADRANK_ZONE") or "UTC"),
            product_field=os.environ.get("LEADRANK_PRODUCT_FIELD") or PRODUCT_FIELD,
            currency=currency_of(os.environ.get("LEADRANK_CURRENCY", "")),
            openid=openid_of(os.environ),
        )


def whole(name: str, usual: int, *, least: int) -> int:
    """A setting that is a whole number; raises WrongUsage for any other text."""
    text = os.environ.get(name) or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= MOST):
        raise WrongUsage(
            f"{name} is no whole number from {least} to {MOST:,}", f"leave it out ({usual}), or give a number"
        )
    return int(text)


def time_of_day(name: str) -> time | None:
    """A setting that is a time such as 03:30, None where it is not set; raises WrongUsage for any other text."""
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
        raise WrongUsage(
            f"{name} is no time from 00:00 to 23:59", "leave it out, or give hours and minutes in UTC: 03:30"
        )
    return time.fromisoformat(text)


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name; raises WrongUsage.

    >>> zone_of("Europe/Berlin").key
    'Europe/Berlin'
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise WrongUsage(
            "LEADRANK_ZONE names no time zone that this machine knows", "give a name such as Europe/Berlin or UTC"
        ) from None


def currency_of(text: str) -> str | None:
    """A currency's three letters, None where none are given; raises WrongUsage for anything else.

    >>> currency_of("eur "), currency_of("")
    ('EUR', None)
    """
    code = text.strip().upper()
    if code and not re.fullmatch(r"[A-Z]{3}", code):
        raise WrongUsage(
            "LEADRANK_CURRENCY is no currency of ISO 4217", "leave it out, or give its three letters: EUR, USD, CHF"
        )
    return code or None


def hosts_of(text: str) -> frozenset[str]:
    """The names in `leads.example.com, 192.168.1.10`; raises WrongUsage for what a Host never says.

    >>> sorted(hosts_of("leads.example.com, 192.168.1.10"))
    ['192.168.1.10', 'leads.example.com']
    """
    names = frozenset(name for part in text.split(",") if (name := part.strip().lower()))
    for name in names:
        if not re.fullmatch(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]", name):
            raise WrongUsage(
                "LEADRANK_ALLOWED_HOSTS holds something that is no name of a machine",
                "give names alone, with commas between, no https:// and no port: leads.example.com,[2001:db8::1]",
            )
    return names
