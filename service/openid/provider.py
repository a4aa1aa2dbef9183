"""The provider of the company's accounts, asked through Authlib. Imported when somebody comes by: it is heavy."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from service.problems import Unavailable

from .configured import OpenId, is_safe
from .journey import Journey

SECONDS = 5.0
"""How long an answer of the provider is waited for."""

KEPT_SECONDS = 3_600.0
"""The provider's description and keys are asked for again after so long, and where a token names a new key."""

LEEWAY = 60
"""Seconds by which two clocks may differ."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key that the provider alone has: none at all, or one by a shared secret, is no proof."""

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

AWAY = "Your company's sign-in does not answer just now. Try again in a moment, or sign in with a password."


class NotProven(Exception):
    """The provider did not prove who somebody is."""


class Provider:
    """One provider; safe in any thread. clock: seconds that only rise."""

    def __init__(self, openid: OpenId, clock: Callable[[], float] = time.monotonic) -> None:
        self._openid, self._clock = openid, clock
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def address(self, journey: Journey, back: str) -> str:
        """Where to send somebody to sign in; raises Unavailable."""
        with self._client(back) as client:
            url, _ = client.create_authorization_url(
                self._described()["authorization_endpoint"],
                state=journey.state,
                nonce=journey.nonce,
                code_verifier=journey.verifier,
            )
        return str(url)

    def claims(self, code: str, journey: Journey, back: str, now: int) -> Mapping[str, Any]:
        """What the provider's token says of who came back with this code, all of it checked.

        now: seconds since 1970. Raises NotProven and Unavailable.
        """
        token = self._token(code, journey, back)
        if not isinstance(token.get("id_token"), str):
            raise NotProven("no token")
        try:
            found = self._decoded(token["id_token"])
            claims = CodeIDToken(found.claims, found.header, self._expected(), self._params(token, journey))
            claims.validate(now=now, leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as fault:
            raise NotProven(type(fault).__name__) from fault
        return dict(claims)

    def _expected(self) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "value": self._described()["issuer"]},
            "aud": {"essential": True, "value": self._openid.client_id},
            "exp": {"essential": True},
        }

    def _params(self, token: Mapping[str, Any], journey: Journey) -> dict[str, Any]:
        return {
            "nonce": journey.nonce,
            "client_id": self._openid.client_id,
            "access_token": token.get("access_token"),
        }

    def _token(self, code: str, journey: Journey, back: str) -> Mapping[str, Any]:
        try:
            with self._client(back) as client:
                found = client.fetch_token(
                    self._described()["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=journey.verifier,
                )
        except OAuthError as fault:
            raise NotProven("the code was not taken") from fault
        except (httpx2.HTTPError, ValueError) as fault:
            raise _away() from fault
        if not isinstance(found, Mapping):
            raise NotProven("no token")
        return found

    def _decoded(self, text: str) -> Any:
        try:
            return self._decoded_by(text, self._keys())
        except (InvalidKeyIdError, JoseError):
            self._kept.pop("keys", None)  # the provider may have changed its keys
            return self._decoded_by(text, self._keys())

    def _decoded_by(self, text: str, keys: Mapping[str, Any]) -> Any:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        return jwt.decode(text, KeySet.import_key_set(dict(keys)), registry=registry)  # type: ignore[arg-type]

    def _keys(self) -> Mapping[str, Any]:
        return self._asked("keys", self._described()["jwks_uri"])

    def _described(self) -> Mapping[str, Any]:
        """The provider's own description; raises Unavailable for another's, and for one without TLS."""
        issuer = self._openid.issuer
        found = self._asked("description", issuer.rstrip("/") + "/.well-known/openid-configuration")
        same = isinstance(found.get("issuer"), str) and found["issuer"].rstrip("/") == issuer.rstrip("/")
        if not (same and all(is_safe(found.get(name)) for name in ENDPOINTS)):
            self._kept.pop("description", None)
            raise _away()
        return found

    def _asked(self, kept_as: str, address: str) -> Mapping[str, Any]:
        when, found = self._kept.get(kept_as, (0.0, {}))
        if found and self._clock() < when + KEPT_SECONDS:
            return found
        try:
            answer = httpx2.get(address, timeout=SECONDS)
            answer.raise_for_status()
            fresh = answer.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as fault:
            raise _away() from fault
        if not isinstance(fresh, dict):
            raise _away()
        self._kept[kept_as] = (self._clock(), fresh)
        return fresh

    def _client(self, back: str) -> OAuth2Client:
        return OAuth2Client(
            self._openid.client_id,
            self._openid.client_secret,
            scope=f"openid {'email' if self._openid.name == 'email' else 'profile'}",
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=SECONDS,
        )


def _away() -> Unavailable:
    return Unavailable("no-provider", AWAY, 10)
