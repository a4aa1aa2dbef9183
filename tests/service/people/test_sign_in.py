"""People sign in with a name and a password and stay so for a while; nothing is shown before."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from service.access import Role
from service.access.users import disable_user, set_password
from service.people.entering import own_address
from service.people.sessions import COOKIE
from service.people.tables import sessions
from tests.service.conftest import NOON, Service
from tests.service.samples import STRONG

from .conftest import OURS, PASSWORD, SignIn, keep, post


@pytest.mark.parametrize("page", ["/", "/today", "/today.csv", "/lead?id=secret-lead"])
def test_who_is_not_signed_in_sees_the_door_and_comes_back_to_his_page(
    service: Service, signed_in: SignIn, page: str
) -> None:
    keep(service, "secret-lead", STRONG)
    stranger = service.client()
    answer = stranger.get(page, follow_redirects=False)
    assert (answer.status_code, answer.text) == (303, "")
    door = stranger.get(answer.headers["location"])
    assert "secret" not in door.text.replace("secret-lead", "", 1 if "secret" in page else 0)
    signed_in("ann")
    entered = post(stranger, "/sign-in", {"name": "ann", "password": PASSWORD, "next": page})
    assert entered.headers["location"] == page
    assert stranger.get(page).status_code == 200


@pytest.mark.parametrize(
    ("role", "home"), [(Role.SALES, "/today"), (Role.MARKETING, "/handover"), (Role.ANALYST, "/account")]
)
def test_everybody_begins_on_the_page_of_his_work(service: Service, signed_in: SignIn, role: Role, home: str) -> None:
    signed_in("ann", role)
    answer = post(service.client(), "/sign-in", {"name": "ann", "password": PASSWORD})
    assert answer.headers["location"] == home


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(service: Service, signed_in: SignIn) -> None:
    signed_in("ann")
    given = {"name": "ann", "password": PASSWORD}
    plain = post(service.client(), "/sign-in", given).headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert "Secure" not in plain, "a page without TLS could not be used otherwise"
    tls = post(service.client(), "/sign-in", given, OURS | {"Origin": "https://127.0.0.1:8000"})
    assert "Secure" in tls.headers["set-cookie"]


def test_the_database_does_not_know_the_cookie(service: Service, signed_in: SignIn) -> None:
    browser = signed_in("ann")
    with service.database.reading() as connection:
        kept = connection.execute(select(sessions.c.digest)).scalars().all()
    assert len(kept) == 1
    assert browser.cookies[COOKIE] not in kept


@pytest.mark.parametrize(("name", "password"), [("ann", "wrong"), ("nobody", PASSWORD), ("", ""), ("a:b", "x")])
def test_a_wrong_name_or_password_is_told_apart_by_nobody(
    service: Service, signed_in: SignIn, name: str, password: str
) -> None:
    signed_in("ann")
    answer = post(service.client(), "/sign-in", {"name": name, "password": password})
    assert answer.status_code == 401
    assert "do not fit together" in answer.text
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_guessing_is_slowed_down_in_words(service: Service, signed_in: SignIn) -> None:
    signed_in("ann")
    answers = [post(service.client(), "/sign-in", {"name": "ann", "password": f"guess-{i}"}) for i in range(30)]
    assert answers[-1].status_code == 429
    assert "Too many failed tries" in answers[-1].text


def test_signing_out_ends_the_session_for_whoever_has_the_cookie(service: Service, signed_in: SignIn) -> None:
    browser = signed_in("ann")
    stolen = service.client()
    stolen.cookies.set(COOKIE, browser.cookies[COOKIE], domain="127.0.0.1")
    assert stolen.get("/today").status_code == 200
    post(browser, "/sign-out", {})
    for client in (browser, stolen):
        assert client.get("/today", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("change", ["password", "disabled"])
def test_a_new_password_or_being_disabled_ends_all_sessions(service: Service, signed_in: SignIn, change: str) -> None:
    browser = signed_in("ann")
    if change == "password":
        set_password(service.database, "ann", "another password", now=NOON)
    else:
        disable_user(service.database, "ann", now=NOON)
    service.http.app.state.guard._directory.load()
    assert browser.get("/today", follow_redirects=False).status_code == 303


def test_a_session_ends_when_nobody_uses_it_and_after_a_week_in_any_case(service: Service, signed_in: SignIn) -> None:
    idle, busy = signed_in("idle"), signed_in("busy")
    for _ in range(15):
        service.clock.wait(hours=11)
        assert busy.get("/today", follow_redirects=False).status_code == 200
    assert idle.get("/today", follow_redirects=False).status_code == 303
    service.clock.wait(hours=11)
    assert busy.get("/today", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:9000", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/say"])
def test_a_form_of_another_site_changes_nothing(
    service: Service, signed_in: SignIn, path: str, headers: dict[str, str]
) -> None:
    browser = signed_in("ann")
    answer = post(browser, path, {"name": "ann", "password": PASSWORD}, headers)
    assert answer.status_code == 403
    assert browser.get("/today", follow_redirects=False).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "", "/\n/evil.example", "/a\\b", "/" * 3000],
)
def test_nobody_is_led_away(address: str) -> None:
    assert own_address(address) is None


def test_the_own_address_is_kept_whole() -> None:
    assert own_address("/lead?id=7%2Fx&said=1") == "/lead?id=7%2Fx&said=1"


def test_a_role_that_may_not_is_told_so_on_a_page(service: Service, signed_in: SignIn) -> None:
    answer = signed_in("mary", Role.MARKETING).get("/today")
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "this is for the roles: sales, admin" in answer.text


@pytest.mark.parametrize("cookie", ["", "x", "é", "a=b; ;;", '"unclosed', "\x00", "x" * 5_000])
def test_an_odd_cookie_is_nobodys(service: Service, cookie: str) -> None:
    sent = {"Cookie": f"{COOKIE}={cookie}".encode("utf-8", "replace")}
    answer = service.client().get("/today", headers=sent, follow_redirects=False)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"name=a&name=b", "application/x-www-form-urlencoded", 422),
        (b"shoe=44", "application/x-www-form-urlencoded", 422),
        (b"name=%ff", "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=1" % i for i in range(99)), "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 400),
        (b"name=" + b"x" * 2_000_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_an_odd_form_is_refused_on_a_page(service: Service, body: bytes, kind: str, status: int) -> None:
    answer = service.client().post("/sign-in", content=body, headers=OURS | {"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
