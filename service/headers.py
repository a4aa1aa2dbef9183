"""The headers that every answer carries: a browser may show our pages, with our style and script, and nothing else."""

from __future__ import annotations

HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
        b"form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # with none at all a form would not say that it is ours
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
PRIVATE = (*HEADERS, (b"cache-control", b"no-store"))
PUBLIC = (*HEADERS, (b"cache-control", b"public, max-age=3600"))
