"""Signing in with the company's account, against a provider that runs, and against everything that could be forged."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey
from starlette.testclient import TestClient

from models import Shelf
from scoring import WrongUsage
from service.access import Role
from service.access.grants import Grant
from service.access.users import create_user, disable_user
from service.openid.configured import OpenId, is_safe, openid_of
from service.openid.journey import COOKIE, LONGEST, begun, sealed, unsealed
from service.people.openid_door import name_in
from service.people.sessions import COOKIE as SESSION
from service.problems import Problem
from tests.service.conftest import NOON, Service, running
from tests.service.people.conftest import PASSWORD, post

from .provider import CLIENT, OTHERS_KEY, SECRET, Fake, running_provider

SET = {
    "LEADRANK_OIDC_ISSUER": "https://id.example",
    "LEADRANK_OIDC_CLIENT_ID": CLIENT,
    "LEADRANK_OIDC_CLIENT_SECRET": SECRET,
}


@pytest.fixture
def fake() -> Iterator[Fake]:
    with running_provider() as found:
        yield found


@pytest.fixture
def service(database_url: str, shelf: Shelf, fake: Fake) -> Iterator[Service]:
    with running(database_url, shelf, openid=OpenId(fake.address, CLIENT, SECRET)) as found:
        create_user(found.database, "ann@acme.example", PASSWORD, Grant(Role.ADMIN), now=NOON)
        yield found


class Person:
    """Somebody with a browser."""

    def __init__(self, service: Service, fake: Fake) -> None:
        self.browser: TestClient = service.client()
        self.service, self.fake = service, fake

    def leave(self, **query: str) -> Any:
        return self.browser.get("/sign-in/openid", params=query, follow_redirects=False)

    def come_back(self, query: dict[str, str]) -> Any:
        return self.browser.get("/sign-in/openid/back", params=query, follow_redirects=False)

    def sign_in(self, **query: str) -> Any:
        sent = self.leave(**query)
        assert sent.status_code == 303, sent.text
        return self.come_back(self.fake.sign_in(sent.headers["location"], int(self.service.clock().timestamp())))

    @property
    def is_in(self) -> bool:
        return self.browser.get("/account", follow_redirects=False).status_code == 200


@pytest.fixture
def person(service: Service, fake: Fake) -> Person:
    return Person(service, fake)


def test_who_the_provider_vouches_for_comes_in(person: Person) -> None:
    assert "Sign in with your company&#39;s account" in person.browser.get("/sign-in").text.replace("'", "&#39;")
    answer = person.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert person.is_in
    cookies = [cookie.lower() for cookie in answer.headers.get_list("set-cookie")]
    assert all("httponly" in cookie and "samesite=lax" in cookie for cookie in cookies)


def test_the_way_there_names_no_secret_and_proves_itself_later(person: Person) -> None:
    address = person.leave().headers["location"]
    assert "code_challenge_method=S256" in address
    assert "nonce=" in address
    assert SECRET not in address
    cookie = person.browser.cookies[COOKIE]
    assert SECRET not in cookie


def test_he_goes_where_he_wanted_and_never_elsewhere(person: Person) -> None:
    assert person.sign_in(next="/lead?id=7").headers["location"] == "/lead?id=7"
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert person.sign_in(next=elsewhere).headers["location"] == "/today"


LIES: dict[str, Callable[[Fake], object]] = {
    "a signature by another's key": lambda fake: setattr(fake, "signed_with", OTHERS_KEY),
    "a signature by a shared secret": lambda fake: fake.__dict__.update(
        signed_with=OctKey.import_key(SECRET + SECRET), algorithm="HS256"
    ),
    "another's nonce": lambda fake: fake.claims.update(nonce="x"),
    "no nonce": lambda fake: fake.claims.update(nonce=None),
    "for another client": lambda fake: fake.claims.update(aud="x"),
    "for another client, by us": lambda fake: fake.claims.update(aud="x", azp=CLIENT),
    "for us and another, by another": lambda fake: fake.claims.update(aud=[CLIENT, "x"], azp="x"),
    "for nobody": lambda fake: fake.claims.update(aud=None),
    "by another provider": lambda fake: fake.claims.update(iss="https://evil.example"),
    "over": lambda fake: fake.claims.update(exp=fake.now - 10**6 if fake.now else 1),
    "without an end": lambda fake: fake.claims.update(exp=None),
    "of the future": lambda fake: fake.claims.update(nbf=4 * 10**9),
    "of nobody": lambda fake: fake.claims.update(sub=None),
    "no token": lambda fake: setattr(fake, "answer", {"access_token": "a", "token_type": "Bearer"}),
    "an odd token": lambda fake: setattr(fake, "answer", {"access_token": "a", "id_token": 7}),
    "a token without a signature": lambda fake: setattr(
        fake, "answer", {"access_token": "a", "id_token": "eyJhbGciOiJub25lIn0.e30."}
    ),
    "text for a token": lambda fake: setattr(fake, "answer", {"access_token": "a", "id_token": "x.y.z"}),
    "an error": lambda fake: setattr(fake, "answer", {"error": "server_error"}),
    "an address that is not verified": lambda fake: fake.claims.update(email_verified=False),
    "an address that says it is": lambda fake: fake.claims.update(email_verified="true"),
    "no address": lambda fake: fake.claims.update(email=None),
    "an address that is none": lambda fake: fake.claims.update(email=["ann@acme.example"]),
    "somebody unknown": lambda fake: fake.claims.update(email="bob@acme.example"),
    "letters that look alike": lambda fake: fake.claims.update(email="\u0430nn@acme.example"),
}


@pytest.mark.parametrize("lie", LIES)
def test_nobody_comes_in_by(lie: str, person: Person, fake: Fake) -> None:
    LIES[lie](fake)
    answer = person.sign_in()
    assert answer.status_code == 403, answer.text
    assert SESSION not in person.browser.cookies
    assert not person.is_in
    assert "company" in answer.text


def test_an_answer_that_is_no_json_is_a_provider_that_is_away(person: Person, fake: Fake) -> None:
    fake.answer = b"<html>"
    assert person.sign_in().status_code == 503
    assert not person.is_in


def test_who_is_unknown_is_told_who_can_help(person: Person, fake: Fake) -> None:
    fake.claims["email"] = "bob@acme.example"
    assert "leadrank users create bob@acme.example --openid" in person.sign_in().text


def test_who_is_disabled_stays_outside(person: Person) -> None:
    disable_user(person.service.database, "ann@acme.example", now=NOON)
    assert person.sign_in().status_code == 403
    assert not person.is_in


def test_a_way_back_is_gone_once(person: Person, fake: Fake) -> None:
    query = fake.sign_in(person.leave().headers["location"], int(NOON.timestamp()))
    cookie = person.browser.cookies[COOKIE]
    assert person.come_back(query).status_code == 303
    assert COOKIE not in person.browser.cookies
    assert person.come_back(query).status_code == 400
    thief = person.service.client()
    again = {"Cookie": f"{COOKIE}={cookie}"}
    assert thief.get("/sign-in/openid/back", params=query, headers=again).status_code == 400


def test_a_way_back_is_not_anothers(person: Person, fake: Fake) -> None:
    """Else somebody could sign others in as himself, and see what they do."""
    query = fake.sign_in(person.leave().headers["location"], int(NOON.timestamp()))
    other = Person(person.service, fake)
    assert other.come_back(query).status_code == 400
    other.leave()
    assert other.come_back(query).status_code == 400
    assert not other.is_in


def test_a_way_back_is_not_for_ever(person: Person, fake: Fake) -> None:
    query = fake.sign_in(person.leave().headers["location"], int(NOON.timestamp()))
    person.service.clock.wait(seconds=LONGEST)
    assert person.come_back(query).status_code == 400


@pytest.mark.parametrize(
    "query", [{}, {"state": "x"}, {"code": "x"}, {"error": "access_denied"}, {"code": "x" * 5_000}]
)
def test_an_odd_way_back_is_a_page_and_no_fault(person: Person, query: dict[str, str]) -> None:
    state = {"state": person.leave().headers["location"].partition("state=")[2].partition("&")[0]}
    for asked in (query, state | query):
        assert person.come_back(asked).status_code in (400, 403)


def test_the_provider_may_change_its_keys(person: Person, fake: Fake) -> None:
    assert person.sign_in().status_code == 303
    fake.key = RSAKey.generate_key(2048, {"kid": "k2"})
    fake.published = [fake.key]
    assert person.sign_in().status_code == 303
    assert fake.asked.count("/.well-known/openid-configuration") == 1, "and is asked no more than it must be"


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_a_description_that_is_not_the_providers_own_is_not_followed(
    person: Person, fake: Fake, description: dict[str, Any]
) -> None:
    fake.description = description
    assert person.leave().status_code == 503


def test_where_the_provider_is_down_passwords_still_work(database_url: str, shelf: Shelf) -> None:
    with running(database_url, shelf, openid=OpenId("http://127.0.0.1:1", CLIENT, SECRET)) as service:
        create_user(service.database, "ann", PASSWORD, Grant(Role.ADMIN), now=NOON)
        browser = service.client()
        answer = browser.get("/sign-in/openid", follow_redirects=False)
        assert answer.status_code == 503
        assert "does not answer just now" in answer.text
        assert "password" in answer.text
        assert post(browser, "/sign-in", {"name": "ann", "password": PASSWORD}).status_code == 303


def test_where_nothing_is_configured_there_is_no_such_door(database_url: str, shelf: Shelf) -> None:
    with running(database_url, shelf) as service:
        assert "company" not in service.client().get("/sign-in").text
        for path in ("/sign-in/openid", "/sign-in/openid/back"):
            assert service.client().get(path).status_code == 404


def test_the_name_may_be_another_claim() -> None:
    assert name_in({"preferred_username": "Ann"}, "preferred_username") == "Ann"
    assert name_in({"email": "Ann@Acme.example", "email_verified": True}, "email") == "ann@acme.example"
    assert name_in({"email": "\u212aim@acme.example", "email_verified": True}, "email").startswith("\u212a")
    with pytest.raises(Problem):
        name_in({"preferred_username": "a\nb"}, "preferred_username")


def test_a_cookie_that_was_changed_is_none() -> None:
    now = 1_000
    journey = begun("/today", now)
    cookie = sealed(journey, lambda text: str(hash(text)))
    assert unsealed(cookie, lambda text: str(hash(text)), now) == journey
    assert unsealed(cookie, lambda _: "0", now) is None
    for odd in ("", ".", "x.y", cookie[1:], "\u20ac." + "0"):
        assert unsealed(odd, lambda text: str(hash(text)), now) is None
    assert unsealed("x.0", lambda _: "0", now) is None


@pytest.mark.parametrize("missing", sorted(SET))
def test_a_half_set_is_refused_at_the_start(missing: str) -> None:
    with pytest.raises(WrongUsage, match=missing):
        openid_of({name: value for name, value in SET.items() if name != missing})


def test_settings_are_read_and_checked() -> None:
    assert openid_of({}) is None
    assert openid_of(SET | {"LEADRANK_OIDC_NAME": "preferred_username"}) == OpenId(
        "https://id.example", CLIENT, SECRET, "preferred_username"
    )
    assert SECRET not in repr(openid_of(SET))
    for wrong in (
        {"LEADRANK_OIDC_ISSUER": "http://id.example"},
        {"LEADRANK_OIDC_ISSUER": "id.example"},
        {"LEADRANK_OIDC_NAME": "sub"},
        {"LEADRANK_OIDC_BACK": "http://leads.example/back"},
    ):
        with pytest.raises(WrongUsage):
            openid_of(SET | wrong)
    assert not any(map(is_safe, (None, 7, "", "ftp://x", "https://", "http://[", "http://10.0.0.1/")))


def test_a_service_that_is_not_asked_loads_nothing_of_it() -> None:
    probe = "import service.app, sys; print(*sorted({'authlib', 'joserfc', 'httpx2'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True)
    assert found.stdout.strip() == ""
