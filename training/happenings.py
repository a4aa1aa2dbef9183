"""Levels that say what happened to a lead: states that change while sales works on it, read from the values."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HAPPENING = re.compile(
    r"\b(opened|clicked|bounced|sent|received|visited|submitted|modified|replied|responded|answered|contacted|called"
    r"|reached|unreachable|ringing|voicemail|switched off|busy|no answer|not picked|picked up|conversation|subscribed"
    r"|unsubscribed|resubscribed|interested|not eligible|invalid number|wrong number|follow(?:ed)?[ -]?up|call ?back"
    r"|scheduled|rescheduled|attended|no[ -]?show|negotiat\w*|proposal|quoted|contract|signed|paid|invoiced|qualified"
    r"|disqualified|converted|closed|won|lost|refused|rejected|declined|accepted|in progress|in process|revert\w*"
    r"|angerufen|erreicht|geöffnet|geklickt|gesendet|abgesagt|gewonnen|verloren|unterschrieben|angebot)\b"
)

LEVELS = 3
"""Different levels that must read so: one alone may be a source or an answer in a form."""

SHARE = 0.3
"""The share of leads with a level that these must hold."""


def speaks_of_happenings(levels: Mapping[str, float]) -> bool:
    """Whether enough of a field's levels (level key -> leads) read like events or states of the sale.

    >>> speaks_of_happenings({"email opened": 50, "sms sent": 30, "unreachable": 5, "modified": 15})
    True
    >>> speaks_of_happenings({"google": 50, "referral": 40, "form submitted": 10})
    False
    """
    hits = {level: n for level, n in levels.items() if n and _HAPPENING.search(level)}
    return len(hits) >= LEVELS and sum(hits.values()) >= SHARE * sum(levels.values())
