"""What is said at the door of the company's own accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scoring import WrongUsage

NEEDED = ("LEADRANK_OIDC_ISSUER", "LEADRANK_OIDC_CLIENT_ID", "LEADRANK_OIDC_CLIENT_SECRET")
NAMES = ("email", "preferred_username")
"""Claims that may hold the name of a user."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class OpenId:
    """The provider, who we are to it, and the claim that holds a user's name.

    back: the address to which the provider sends people back; None for that under which they came.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = "email"
    back: str | None = None


def openid_of(environment: Mapping[str, str]) -> OpenId | None:
    """What the variables say, None where none is set; raises WrongUsage for a half set and for what cannot be."""
    given = {name: environment.get(name, "").strip() for name in NEEDED}
    if not any(given.values()):
        return None
    if missing := [name for name, value in given.items() if not value]:
        raise WrongUsage(
            f"signing in by OpenID Connect is half configured: {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not set",
            "set all three, or none",
        )
    name = environment.get("LEADRANK_OIDC_NAME", "").strip() or NAMES[0]
    if name not in NAMES:
        raise WrongUsage("LEADRANK_OIDC_NAME is no claim that holds a user's name", f"give {' or '.join(NAMES)}")
    back = environment.get("LEADRANK_OIDC_BACK", "").strip() or None
    for variable, address in ((NEEDED[0], given[NEEDED[0]]), ("LEADRANK_OIDC_BACK", back)):
        if address is not None and not is_safe(address):
            raise WrongUsage(
                f"{variable} is no address that begins with https://",
                "http:// is for this machine alone: give https://",
            )
    return OpenId(given[NEEDED[0]], given[NEEDED[1]], given[NEEDED[2]], name, back)


def is_safe(address: object) -> bool:
    """Whether nobody on the way can read or change what is sent there: by https, or on this machine."""
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
