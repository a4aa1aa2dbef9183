"""What a page's form sends: short texts under known names, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from urllib.parse import parse_qsl

from starlette.requests import Request

from service.problems import Fault, Unfit, Unreadable, shown
from service.settings import Limits
from service.strict_json import read_bytes

KIND = "application/x-www-form-urlencoded"
MOST = 50
"""Names in a form."""


async def form_of(request: Request, names: Collection[str], limits: Limits, *, most: int = MOST) -> dict[str, str]:
    """The form's texts, trimmed; what was left empty is not there. Raises Unreadable, and Unfit for other names.

    most: names that it may have.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise Unreadable("a form is expected")
    body = await read_bytes(request, limits)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=most)
    except ValueError:
        raise Unreadable("the form is not UTF-8, or too long") from None
    given = Counter(name for name, _ in pairs)
    faults = [Fault(shown(n), "known, and given once") for n, times in given.items() if n not in names or times > 1]
    if faults:
        raise Unfit(*faults)
    return {name: value.strip() for name, value in pairs if value.strip()}
