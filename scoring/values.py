"""How one written value is read: missing, number, yes or no, moment, level, words. Training and scoring share it."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, time, tzinfo

MISSING_WORDS = frozenset(
    {"", "select", "unknown", "n/a", "#n/a", "null", "nan", "nat", "<na>", "-", "--", "?", ".", "(blank)"}
    | {"not available", "not specified", "not provided", "undefined", "missing", "tbd"}
)
"""What people write for "no value", as level keys. `NA` is not here: it is also Namibia."""

YES_WORDS = frozenset({"yes", "true", "y", "t", "on", "1"})
NO_WORDS = frozenset({"no", "false", "n", "f", "off", "0"})

_FREE_MAIL = (
    "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.co.in yahoo.fr yahoo.de ymail.com hotmail.com "
    "hotmail.co.uk hotmail.fr outlook.com outlook.de live.com live.co.uk msn.com aol.com icloud.com me.com mac.com "
    "gmx.de gmx.net gmx.com gmx.at web.de t-online.de freenet.de mail.com mail.ru yandex.ru yandex.com proton.me "
    "protonmail.com qq.com 163.com 126.com sina.com naver.com rediffmail.com orange.fr free.fr laposte.net "
    "wanadoo.fr libero.it uol.com.br bol.com.br comcast.net verizon.net att.net sbcglobal.net cox.net zoho.com "
    "fastmail.com hey.com tutanota.com"
)
FREE_MAIL = frozenset(_FREE_MAIL.split())

LONGEST = 10_000
"""Characters of a text that are looked at: normalising a long run of combining marks takes the square of its length."""

_STOP_WORDS = "a an and as at by de der des die du el en et for from in is la le les of on or the to und with"
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that hold a title together and say nothing of a lead."""

_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_GROUPED = {
    ".": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{2,3})*,\d{3}(\.\d*)?"),
    ",": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{2,3})*\.\d{3}(,\d*)?"),
}
_DRESSING = str.maketrans("", "", " \u00a0\u202f\u2009'_€$£¥%")
_MOMENT = re.compile(r"(?:\d{4}-\d{2}-\d{2}|\d{8})([T ].*)?", re.DOTALL)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)

DAY = 86_400
"""Seconds of a day: a window day is 24 hours, whatever the local clock does."""


class NotReadable(ValueError):
    """The value cannot be read as the kind that was asked for."""


def as_text(value: object) -> str:
    """Any plain value as text: whole floats without their `.0`, so that 5, 5.0 and "5" are one level.

    >>> [as_text(v) for v in (5, 5.0, "5", True, None)]
    ['5', '5', '5', 'true', '']
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else float.__repr__(value)
    try:
        return str(value)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return f"{value:#x}"


def level_key(text: str) -> str:
    """The form in which levels are compared: compatibility-normalised, case-folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text[:LONGEST]).casefold().split())


def read_number(value: object, decimal: str = ".") -> float:
    """A finite number, or NotReadable. `decimal` says what a lone comma or point means in this field.

    >>> read_number("12 000"), read_number("1.234,5", ","), read_number("1,234.5"), read_number("45%")
    (12000.0, 1234.5, 1234.5, 45.0)
    """
    if isinstance(value, bool):
        raise NotReadable("a number, not yes or no")
    if isinstance(value, int | float):
        return _finite(value)
    text = as_text(value).strip()
    if decimal == "." and _PLAIN_NUMBER.fullmatch(text):
        return _finite(text)
    text = _without_groups(text.translate(_DRESSING), decimal).replace(decimal, ".")
    if not _PLAIN_NUMBER.fullmatch(text):
        raise NotReadable("not a number")
    return _finite(text)


def _without_groups(text: str, decimal: str) -> str:
    """Without thousands separators, which stand before three digits: `1,5` with a decimal point is not 15."""
    group = "," if decimal == "." else "."
    if group in text and not _GROUPED[decimal].fullmatch(text):
        raise NotReadable("separators that are neither thousands nor decimals")
    return text.replace(group, "")


def _finite(value: str | float) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise NotReadable("a number too large to hold") from None
    if not math.isfinite(number):
        raise NotReadable("a finite number")
    return number + 0.0


def read_flag(value: object) -> bool:
    """Yes or no from the words and numbers that people use for them, or NotReadable."""
    key = level_key(as_text(value))
    if key in YES_WORDS:
        return True
    if key in NO_WORDS:
        return False
    raise NotReadable("neither yes nor no")


def read_moment(value: object, zone: tzinfo = UTC) -> int:
    """A moment as whole seconds since 1970 (UTC); naive times are in `zone`, a date alone is the end of its day.

    Raises NotReadable. Accepts ISO 8601, `20260131`, `31.01.2026`, dates and datetimes.
    """
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=zone)
        try:
            return math.floor(moment.timestamp())
        except (OverflowError, OSError, ValueError):
            raise NotReadable("a date out of range") from None
    if isinstance(value, date):
        return _end_of_day(value, zone)
    text = as_text(value).strip()
    day_first = _DAY_FIRST.fullmatch(text)
    if day_first:
        day, month, year, rest = day_first.groups()
        text = f"{year}-{int(month):02d}-{int(day):02d}{rest}"
    shape = _MOMENT.fullmatch(text)
    if not shape:  # Python would take any digit for the T between date and time
        raise NotReadable("not a date")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotReadable("not a date") from None
    if not shape[1]:
        return _end_of_day(moment.date(), zone)
    return read_moment(moment, zone)


def _end_of_day(day: date, zone: tzinfo) -> int:
    if zone is UTC:
        return (day - date(1970, 1, 1)).days * DAY + DAY - 1
    return math.floor(datetime.combine(day, time(23, 59, 59), zone).timestamp())


def words_of(text: str) -> tuple[str, ...]:
    """The distinct words of a text in order, case-folded, but e-mail addresses, single letters and bare numbers.

    >>> words_of("VP of Sales, Sales EMEA 2")
    ('vp', 'sales', 'emea')
    """
    return tuple(dict.fromkeys(w for w in parts_of(level_key(text)) if _says_something(w)))


def parts_of(key: str) -> list[str]:
    """All words of a level key, e-mail addresses left out, fillers and bare numbers still among them."""
    if "@" in key:
        key = " ".join(part for part in key.split() if not is_address(part))
    found: list[str] = _WORD.findall(key)
    return found


def _says_something(word: str) -> bool:
    return len(word) > 1 and word not in STOP_WORDS and not word.isdigit()


def is_address(part: str) -> bool:
    """Whether a part without white space has an @ with something before and behind it."""
    return "@" in part[1:-1]


def mail_kind(value: object) -> str:
    """`free mail` or `company mail`; NotReadable for what is no e-mail address, alone or as `Ann Lee <ann@corp.io>`."""
    text = as_text(value).strip().casefold()
    address = text.rpartition("<")[2][:-1] if text.endswith(">") else text
    who, _, domain = address.rpartition("@")
    if not who or "." not in domain or len(address.split()) > 1:
        raise NotReadable("not an e-mail address")
    return "free mail" if domain in FREE_MAIL else "company mail"
