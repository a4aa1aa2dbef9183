"""Bodies and values that broke other services: what each is, and what must be answered."""

from __future__ import annotations

from dataclasses import dataclass

SECRET = "s3cr3t@victim.example"
"""Stands in the hostile values: no answer to a refused request may hold it."""

HEALTHY = '{"Job title":"VP Sales","Employees":120}'


@dataclass(frozen=True)
class Hostile:
    """Some bytes and the status that they must get: 400 unreadable, 413 too large, 422 a rule, 200 taken."""

    name: str
    sent: bytes
    status: int


def _body(name: str, sent: str | bytes, status: int) -> Hostile:
    return Hostile(name, sent if isinstance(sent, bytes) else sent.encode("utf-8", "surrogatepass"), status)


BODIES = [
    _body("nothing", "", 400),
    _body("blank", "   \n", 400),
    _body("a word", SECRET, 400),
    _body("half an object", '{"id":"1","fields":{"E-mail":"' + SECRET, 400),
    _body("two objects", '{"id":"1"}{"id":"2"}', 400),
    _body("a comma too many", '{"id":"1","fields":{},}', 400),
    _body("single quotes", "{'id':'1'}", 400),
    _body("a comment", '{"id":"1"/*x*/}', 400),
    _body("a byte order mark", b'\xef\xbb\xbf{"id":"1","fields":{}}', 400),
    _body("UTF-16", '{"id":"1","fields":{}}'.encode("utf-16"), 400),
    _body("latin-1", b'{"id":"1","fields":{"Job title":"G\xe4rtner"}}', 400),
    _body("a raw surrogate", b'{"id":"1","fields":{"Job title":"\xed\xa0\x80"}}', 400),
    _body("an overlong slash", b'{"id":"1","fields":{"Job title":"\xc0\xaf"}}', 400),
    _body("a raw control character", b'{"id":"1","fields":{"Job title":"a\x01b"}}', 400),
    _body("a raw NUL", b'{"id":"1","fields":{"Job title":"a\x00b"}}', 400),
    _body("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 400),
    _body("a form", b"id=1&fields=" + SECRET.encode(), 400),
    _body("xml", f"<id>{SECRET}</id>", 400),
    _body("lists without end", "[" * 100_000, 400),
    _body("objects without end", '{"fields":' * 100_000, 400),
    _body("a number of 5,000 digits", '{"id":"1","fields":{"Employees":' + "9" * 5000 + "}}", 400),
    _body("hexadecimal", '{"id":"1","fields":{"Employees":0x10}}', 400),
    _body("a leading zero", '{"id":"1","fields":{"Employees":007}}', 400),
    _body("null", "null", 422),
    _body("true", "true", 422),
    _body("a number", "42", 422),
    _body("a text", f'"{SECRET}"', 422),
    _body("a list", f'["{SECRET}"]', 422),
    _body("an empty object", "{}", 422),
    _body("NaN alone", "NaN", 422),
    _body("an unknown key", '{"id":"1","fields":{},"admin":"' + SECRET + '"}', 422),
    _body("a prototype", '{"id":"1","fields":{},"__proto__":{"x":"' + SECRET + '"}}', 422),
    _body("fields as a list", f'{{"id":"1","fields":["{SECRET}"]}}', 422),
    _body("fields as a text", f'{{"id":"1","fields":"{SECRET}"}}', 422),
    _body("fields as null", '{"id":"1","fields":null}', 422),
    _body("no fields", '{"id":"1"}', 422),
    _body("id twice", f'{{"id":"1","id":"{SECRET}","fields":{{}}}}', 422),
    _body("fields twice", f'{{"id":"1","fields":{{}},"fields":{{"a":"{SECRET}"}}}}', 422),
    _body("a field twice", f'{{"id":"1","fields":{{"a":1,"a":"{SECRET}"}}}}', 422),
    _body("a field twice by escape", f'{{"id":"1","fields":{{"a":1,"\\u0061":"{SECRET}"}}}}', 422),
    _body("1,001 fields", '{"id":"1","fields":{' + ",".join(f'"f{i}":1' for i in range(1001)) + "}}", 422),
    _body("a created_at that is a number", '{"id":"1","fields":{},"created_at":20260101}', 422),
    _body("a created_at in words", f'{{"id":"1","fields":{{}},"created_at":"{SECRET}"}}', 422),
    _body("a created_at before time", '{"id":"1","fields":{},"created_at":"0001-01-01T00:00:00+14:00"}', 422),
    _body("a created_at after time", '{"id":"1","fields":{},"created_at":"9999-12-31T23:59:59-23:59"}', 422),
    _body("a created_at with a NUL", '{"id":"1","fields":{},"created_at":"2026-01-01\\u0000"}', 422),
    _body("a body of two megabytes", '{"id":"1","fields":{"E-mail":"' + SECRET * 100_000 + '"}}', 413),
]

VALUES = [
    ("NaN", "NaN", 422),
    ("Infinity", "Infinity", 422),
    ("minus Infinity", "-Infinity", 422),
    ("1e999", "1e999", 422),
    ("-1e999", "-1e999", 422),
    ("2^63", str(2**63), 422),
    ("-2^63-1", str(-(2**63) - 1), 422),
    ("4,000 digits", "9" * 4000, 422),
    ("a lone surrogate", f'"\\ud800{SECRET}"', 422),
    ("surrogates the wrong way round", f'"\\udc00\\ud800{SECRET}"', 422),
    ("an escaped NUL", f'"{SECRET}\\u0000"', 422),
    ("a list", f'["{SECRET}"]', 422),
    ("an empty list", "[]", 422),
    ("an object", f'{{"$gt":"{SECRET}"}}', 422),
    ("an object with a name twice", f'{{"a":1,"a":"{SECRET}"}}', 422),
    ("a nest of 200 lists", "[" * 200 + f'"{SECRET}"' + "]" * 200, 422),
    ("20,000 characters", f'"{SECRET * 1000}"', 422),
    ("20,000 emoji", '"' + "😀" * 20_000 + '"', 422),
    ("2^63-1", str(2**63 - 1), 200),
    ("-2^63", str(-(2**63)), 200),
    ("the largest float", "1.7976931348623157e308", 200),
    ("the smallest float", "5e-324", 200),
    ("minus zero", "-0.0", 200),
    ("an emoji in escapes", '"\\ud83d\\ude00"', 200),
    ("text from right to left", '"\u202emoc.live"', 200),
    ("a combining pile", '"' + "Z" + "\u0301" * 500 + '"', 200),
    ("letters that grow", '"' + "\ufdfa" * 900 + '"', 200),
    ("digits of another script", '"٣٤٥"', 200),
    ("a date of another script", '"٢٠٢٦-٠١-٠١"', 200),
    ("a date that overflows", '"0001-01-01T00:00:00+23:59"', 200),
    ("a formula", "\"=cmd|' /C calc'!A0\"", 200),
    ("markup", '"<script>alert(1)</script>"', 200),
    ("SQL", '"\'; DROP TABLE leads; --"', 200),
    ("a template", '"{{7*7}}${7*7}#{7*7}"', 200),
    ("a line break", '"a\\nb\\r\\nSet-Cookie: x=1"', 200),
    ("the word nan", '"nan"', 200),
    ("the word 1e999", '"1e999"', 200),
    ("a lone at sign", '"@"', 200),
    ("an empty text", '""', 200),
]
"""JSON of one value, put under every field that the model knows and one that it does not."""

NAMES = [
    ("an empty name", '""', 422),
    ("a name with a NUL", '"a\\u0000b"', 422),
    ("a name with a lone surrogate", '"\\ud800"', 422),
    ("a name of 1,001 characters", '"' + "n" * 1001 + '"', 422),
    ("a name in markup", '"<b>"', 200),
    ("a name of another script", '"名前"', 200),
    ("a name of the house", '"__class__"', 200),
]
"""JSON of a field's name."""

FIELDS = ["Lead source", "Employees", "Do not call", "Job title", "Last funding", "E-mail", "Shoe size"]


def by_name() -> dict[str, list[Hostile]]:
    """All hostile bodies; a value has one for every field."""
    found = {h.name: [h] for h in BODIES}
    for name, value, status in VALUES:
        found[f"{name} as a value"] = [_lead(f"{name} as {field}", {field: value}, status) for field in FIELDS]
    for name, value, status in NAMES:
        found[name] = [_body(name, f'{{"id":"1","fields":{{"Job title":"x",{value}:"{SECRET}"}}}}', status)]
    return found


def _lead(name: str, given: dict[str, str], status: int) -> Hostile:
    fields = ",".join(f'"{field}":{value}' for field, value in ({"Job title": '"x"'} | given).items())
    return _body(name, f'{{"id":"1","fields":{{{fields}}}}}', status)
