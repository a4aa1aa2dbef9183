"""Hostile values for every field of every body, by what the field is: which break a rule, and which are only odd."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.service.hostile import SECRET

SLOT, NUMBER = "@slot@", "@number@"
"""Where the hostile value goes, and where a number of its own for each request."""

Values = dict[str, str]
"""JSON texts by name."""

NO_TEXT: Values = {
    "NaN": "NaN",
    "minus Infinity": "-Infinity",
    "1e999": "1e999",
    "2^63": str(2**63),
    "4,000 digits": "9" * 4000,
    "a negative number": "-1",
    "true": "true",
    "a list": f'["{SECRET}"]',
    "an empty object": "{}",
    "an object": f'{{"$gt":"{SECRET}"}}',
    "an object with a name twice": f'{{"a":1,"a":"{SECRET}"}}',
    "a nest of 200 lists": "[" * 200 + f'"{SECRET}"' + "]" * 200,
}
UNSTORABLE: Values = {
    "an empty text": '""',
    "a NUL": f'"{SECRET}\\u0000"',
    "a lone surrogate": f'"\\ud800{SECRET}"',
    "surrogates the wrong way round": f'"\\udc00\\ud800{SECRET}"',
    "20,000 characters": f'"{SECRET * 1000}"',
    "20,000 emoji": '"' + "😀" * 20_000 + '"',
}
ODD_TEXTS: Values = {
    "an emoji in escapes": '"\\ud83d\\ude00"',
    "text from right to left": '"\u202emoc.live"',
    "a line break": '"a\\r\\nSet-Cookie: x=1"',
    "SQL": '"\'; DROP TABLE leads; --"',
    "markup": '"<script>alert(1)</script>"',
    "a template": '"{{7*7}}${7*7}#{7*7}"',
    "a formula": "\"=cmd|' /C calc'!A0\"",
    "a prototype": '"__proto__"',
    "a path": '"../../etc/passwd"',
    "a blank": '" "',
    "the word null": '"null"',
    "digits of another script": '"٣٤٥"',
    "a noncharacter": '"\\uffff\\ufdd0"',
}
NO_MOMENT: Values = NO_TEXT | {
    "the year 1": '"0001-01-01"',
    "before time": '"0001-01-01T00:00:00+14:00"',
    "the year 9999": '"9999-12-31T23:59:59Z"',
    "after time": '"9999-12-31T23:59:59-23:59"',
    "1899": '"1899-12-31T23:59:59Z"',
    "2200": '"2200-01-01T00:00:00Z"',
    "an epoch": "1700000000",
    "an epoch with a fraction": "1700000000.5",
    "an epoch as text": '"1700000000"',
    "30 February": '"2026-02-30"',
    "month 13": '"2026-13-01"',
    "hour 25": '"2026-01-01T25:00:00Z"',
    "a leap second": '"2026-06-30T23:59:60Z"',
    "an offset of 99 hours": '"2026-01-01T00:00:00+99:99"',
    "words": f'"{SECRET}"',
    "a moment and more": f'"2026-01-01T00:00:00Z {SECRET}"',
    "Arabic digits": '"٢٠٢٦-٠١-٠١"',
    "an empty text": '""',
    "a NUL": '"2026-01-01\\u0000"',
    "a lone surrogate": '"2026-01-01\\ud800"',
}
ODD_MOMENTS: Values = {
    "an hour that summer time leaves out": '"2026-03-29T02:30:00+01:00"',
    "an hour that comes twice": '"2026-10-25T02:30:00"',
    "a leap day": '"2024-02-29"',
    "the first": '"1900-01-01T00:00:00Z"',
    "the last": '"2199-12-31T23:59:59.999999Z"',
    "an offset of 14 hours": '"2026-01-01T00:00:00+14:00"',
}
NO_NUMBER: Values = {name: value for name, value in NO_TEXT.items() if name != "a negative number"} | {
    "1e15": "1e15",
    "a number as text": f'"12 {SECRET}"',
    "an empty text": '""',
}
ODD_NUMBERS: Values = {
    "the smallest": "5e-324",
    "minus zero": "-0.0",
    "nearly 1e15": "999999999999999",
    "null": "null",
}
NO_LINK: Values = {
    "a script": f"\"javascript:alert('{SECRET}')\"",
    "a script in capitals": f'"JaVaScRiPt:{SECRET}"',
    "a script after a line break": f'"\\njavascript:{SECRET}"',
    "data": f'"data:text/html,{SECRET}"',
    "a file": f'"file:///{SECRET}"',
    "no scheme": f'"//{SECRET}"',
    "a blank before": f'" https://{SECRET}"',
}
NO_URL: Values = (
    NO_TEXT
    | UNSTORABLE
    | NO_LINK
    | {
        "this machine": '"https://127.0.0.1/"',
        "this machine in six": '"https://[::1]/"',
        "this machine mapped": '"https://[::ffff:127.0.0.1]/"',
        "a cloud's metadata": '"https://169.254.169.254/latest"',
        "a private network": '"https://10.0.0.1/"',
        "no TLS": '"http://93.184.216.34/"',
        "a user": f'"https://{SECRET}/"',
        "a fragment": f'"https://93.184.216.34/#{SECRET}"',
        "a port beyond": '"https://93.184.216.34:99999/"',
        "port 0": '"https://93.184.216.34:0/"',
        "half a bracket": '"https://[::1/"',
        "a backslash": '"https://93.184.216.34\\\\x"',
        "a line break": '"https://93.184.216.34/\\r\\nX: y"',
        "a name that does not resolve": '"https://nobody.invalid/"',
        "null": "null",
    }
)

REQUIRED: Values = {"null": "null"}
KINDS: dict[str, tuple[Values, Values]] = {
    "id": (NO_TEXT | UNSTORABLE | REQUIRED, ODD_TEXTS),
    "others": (NO_TEXT | UNSTORABLE | REQUIRED, {}),
    "deal": (NO_TEXT | UNSTORABLE, ODD_TEXTS | REQUIRED),
    "text": (NO_TEXT | UNSTORABLE, ODD_TEXTS | REQUIRED),
    "moment": (NO_MOMENT | REQUIRED, ODD_MOMENTS),
    "maybe": (NO_MOMENT, ODD_MOMENTS | REQUIRED),
    "amount": (NO_NUMBER, ODD_NUMBERS | {"a negative number": "-1"}),
    "value": (NO_NUMBER | {"a negative number": "-1"}, ODD_NUMBERS),
    "word": (NO_TEXT | UNSTORABLE | ODD_TEXTS | REQUIRED, {}),
    "link": (NO_TEXT | UNSTORABLE | NO_LINK, {"in capitals": '"HTTPS://crm.example/1"'} | REQUIRED),
    "url": (NO_URL, {}),
    "object": (
        {name: value for name, value in (NO_TEXT | UNSTORABLE).items() if name not in ("an empty object", "an object")},
        {"an empty object": "{}"},
    ),
    "flag": ({n: v for n, v in (NO_TEXT | UNSTORABLE | REQUIRED).items() if n != "true"}, {"false": "false"}),
    "list": (NO_TEXT | UNSTORABLE | REQUIRED | {"an empty list": "[]"}, {}),
}
"""What breaks a rule in a field of this kind, and what is taken."""

OWN = {
    **dict.fromkeys(("owner", "territory", "company"), "text"),
    **dict.fromkeys(("created_at", "updated_at"), "maybe"),
    **dict.fromkeys(("display.name", "display.phone", "display.email"), "text"),
    "display.link": "link",
}
EVENT = {"event_id": "id", "lead_id": "id", "occurred_at": "moment"}
AN_EVENT = {"event_id": f"e{NUMBER}", "lead_id": "1", "occurred_at": "2026-01-31"}
LEAD = {"fields": {"Job title": "VP"}}


@dataclass(frozen=True)
class Taker:
    """A route that takes a body: a healthy one, and of what kind each of its fields is.

    many: the name of the list that holds such bodies in a batch.
    """

    method: str
    path: str
    healthy: dict[str, Any]
    fields: dict[str, str]
    many: str | None = None

    def body(self, number: int, place: str | None = None, value: str = "") -> bytes:
        """The healthy body with this JSON text at a place."""
        found = json.loads(json.dumps(self.healthy))
        if place:
            *way, last = place.split(".")
            inner = found
            for name in way:
                inner = inner.setdefault(name, {})
            inner[last] = [SLOT] if place in ("duplicates", "events") else SLOT
        text = json.dumps(found).replace(NUMBER, str(number)).replace(f'"{SLOT}"', value)
        return text.encode("utf-8", "surrogatepass")


TAKERS = [
    Taker("POST", "/v1/score", {"id": "1", **LEAD}, {"id": "id", "created_at": "maybe", "as_of": "maybe"}, None),
    Taker("PUT", "/v1/leads/1", LEAD, OWN),
    Taker("PATCH", "/v1/leads/1", LEAD, OWN | {"fields": "object"}),
    Taker("POST", "/v1/leads/batch", {"id": f"b{NUMBER}", **LEAD}, OWN | {"id": "id", "fields": "object"}, "leads"),
    Taker("POST", "/v1/score/batch", {"id": "1", **LEAD}, {"id": "id", "as_of": "maybe", "fields": "object"}, "leads"),
    Taker("POST", "/v1/leads/1/merge", {"duplicates": [f"d{NUMBER}"]}, {"duplicates": "others"}),
    Taker("POST", "/v1/webhooks", {"url": "https://93.184.216.34/"}, {"url": "url", "events": "word"}),
]
for _name, _healthy, _fields in (
    ("activities", {"kind": "demo"}, {"kind": "id", "amount": "amount"}),
    (
        "outcomes",
        {"outcome": "won", "value": 5, "deal_id": "x"},
        {"outcome": "word", "value": "value", "reason": "text", "deal_id": "deal"},
    ),
    (
        "feedback",
        {"feedback": "not_now", "until": "2026-05-01"},
        {"feedback": "word", "reason": "text", "until": "maybe", "deal_id": "deal"},
    ),
):
    for _many in (None, _name):
        TAKERS.append(Taker("POST", f"/v1/{_name}", AN_EVENT | _healthy, EVENT | _fields, _many))

PAYLOADS = [
    (taker, place, name, value, status)
    for taker in TAKERS
    for place, kind in taker.fields.items()
    for status, values in zip((422, 200), KINDS[kind], strict=True)
    for name, value in values.items()
]
"""Every hostile value in every field: 422 where it breaks a rule."""
