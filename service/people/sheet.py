"""A list as a file for a spreadsheet, in which no text is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from starlette.responses import Response

_PHONE = re.compile(r"\+[0-9]+(?: [0-9]+)*", re.ASCII)
"""A number alone, with a plus: nothing to work out."""

FORMULA = tuple("=+-@\t\r")
"""How a text begins that a spreadsheet would take for a formula."""


def sheet(name: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Response:
    """The rows as CSV under a file name."""
    file = io.StringIO()
    lines = csv.writer(file)
    lines.writerow(columns)
    lines.writerows([_cell(value) for value in row] for row in rows)
    text = "\ufeff" + file.getvalue()  # spreadsheets take a file without the mark for something else than UTF-8
    return Response(text, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _cell(value: object) -> object:
    """A text that is safe, a number as far as people read it."""
    if isinstance(value, str):
        return safe(value)
    return round(value, 4 if abs(value) < 1 else 2) if isinstance(value, float) else value


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection): an apostrophe before what could be one.

    >>> [safe(t) for t in ("=1+1", "+1+1", "+49 30 1", "Müller", " =1")]
    ["'=1+1", "'+1+1", '+49 30 1', 'Müller', "' =1"]
    """
    if _PHONE.fullmatch(text):
        return text
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text
