"""A provider of accounts: a real HTTP server in the process of the test, which lies where a test asks it to."""

from __future__ import annotations

import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "leadrank-client", "not a secret: only tests know it"
OTHERS_KEY = RSAKey.generate_key(2048, {"kid": "k1"})


@dataclass
class Fake:
    """The provider. claims: laid over those of the next token. key, algorithm: what it is signed with."""

    address: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    published: list[RSAKey] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    signed_with: Any = None
    algorithm: str = "RS256"
    description: dict[str, Any] = field(default_factory=dict)
    answer: Any = None
    """What the token endpoint answers, instead of a token."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    now: int = 0

    def sign_in(self, address: str, now: int) -> dict[str, str]:
        """What a person who has signed in brings back: the query of the way back. address: to which we sent him."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code], self.now = sent, now
        return {"code": code, "state": sent["state"]}

    def described(self) -> dict[str, Any]:
        """The provider's description of itself."""
        at = self.address
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
        } | self.description

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """The answer of the token endpoint, to a client that proves who it is and that it began the journey."""
        name, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        sent = self.codes.pop(form["code"], None)
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        known = (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)
        if not (
            known and sent and sent["code_challenge"] == challenge and sent["redirect_uri"] == form["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        if self.answer is not None:
            return 200, self.answer
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "7",
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": sent["nonce"],
            "email": "ann@acme.example",
            "email_verified": True,
        }
        told = {name: value for name, value in (claims | self.claims).items() if value is not None}
        key = self.signed_with or self.key
        header = {"alg": self.algorithm, "kid": "k1" if isinstance(key, OctKey) else key.kid}
        text = jwt.encode(header, told, key, algorithms=[self.algorithm])
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": text}


@contextmanager
def running_provider() -> Iterator[Fake]:
    """A provider while it runs."""
    fake = Fake()
    fake.published = [fake.key]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(self.path)
            keys = {"keys": [key.as_dict(private=False) for key in fake.published]}
            found = {"/.well-known/openid-configuration": fake.described(), "/keys": keys}.get(self.path)
            self._say(200 if found else 404, found)

        def do_POST(self) -> None:
            fake.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*fake.token(form, self.headers["Authorization"]))

        def _say(self, status: int, body: Any) -> None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    fake.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()
