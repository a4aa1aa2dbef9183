"""What a page's form sends: short texts under known names, each once."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl

from starlette.requests import Request

from service.problems import Fault, Unfit, Unreadable, shown
from service.settings import Limits
from service.strict_json import read_bytes

KIND = "application/x-www-form-urlencoded"
MOST = 50
"""Names in a form."""


async def form_of(request: Request, names: Collection[str], limits: Limits) -> dict[str, str]:
    """The form's texts, trimmed; what was left empty is not there. Raises Unreadable, and Unfit for other names."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise Unreadable("a form is expected")
    body = await read_bytes(request, limits)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except ValueError:
        raise Unreadable("the form is not UTF-8, or too long") from None
    given = [name for name, _ in pairs]
    faults = [Fault(shown(n), "known, and given once") for n in set(given) if n not in names or given.count(n) > 1]
    if faults:
        raise Unfit(*faults)
    return {name: value.strip() for name, value in pairs if value.strip()}
