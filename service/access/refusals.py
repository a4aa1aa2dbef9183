"""What is answered to those who may not: who they could be is not said, nor what they sent."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus

from starlette.responses import Response

from service.problems import Problem

from .roles import Role

CHALLENGES = ("Bearer", 'Basic realm="leadrank", charset="UTF-8"')


class NotSignedIn(Problem):
    """No credentials, or wrong ones: 401."""

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.UNAUTHORIZED,
            "not-signed-in",
            "this needs a key (Authorization: Bearer KEY; `leadrank keys create` makes one) or a user's name and "
            "password (Basic); there was none, or it is wrong, revoked, disabled or expired",
        )

    def response(self) -> Response:
        """With a header for each way to sign in: in one line a browser would not see that it may ask for a password."""
        found = super().response()
        for challenge in CHALLENGES:
            found.headers.append("WWW-Authenticate", challenge)
        return found


class NotAllowed(Problem):
    """Known, and of a role that may not: 403."""

    def __init__(self, roles: Collection[Role]) -> None:
        may = ", ".join(role for role in Role if role in roles)
        super().__init__(HTTPStatus.FORBIDDEN, "not-allowed", f"this is for the roles: {may}")


class CrossSite(Problem):
    """A change that another site's page asked a signed-in browser for: 403."""

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.FORBIDDEN,
            "cross-site",
            "a browser sent this from another site; programs use a key, people this service's own page",
        )


class TooManyFailures(Problem):
    """Guessing: 429, and when to try again (seconds)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too-many-failures",
            "too many failed sign-ins for this account or from this address; try again after `Retry-After` seconds",
            headers={"Retry-After": str(retry_after)},
        )
