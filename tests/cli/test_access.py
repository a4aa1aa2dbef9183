"""`leadrank keys` and `leadrank users` as a person meets them: shown once, listed without secrets, errors in words."""

from __future__ import annotations

import doctest
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from cli import access
from cli.demo import _let_in
from cli.home import Home
from service import settings
from service.access.passwords import fits
from service.access.tables import users
from service.database import open_database
from tests.front_door import Ended, leadrank

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("LEADRANK_DATABASE_URL", raising=False)
    return tmp_path


def with_input(text: str, *words: object) -> Ended:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(text))
        return leadrank(*words)


def test_a_key_is_shown_once_with_the_next_step() -> None:
    made = leadrank("keys", "create", "--role", "crm", "--label", "our CRM")
    assert made.code == 0
    key = made.out.splitlines()[0]
    key_id, _, secret = key.partition(".")
    assert "shown once" in made.out
    assert f"curl -s http://127.0.0.1:8000/v1/schema -H 'Authorization: Bearer {key}'" in made.out
    listed = leadrank("keys", "list")
    assert key_id in listed.out
    assert "our CRM" in listed.out
    assert secret not in listed.out + leadrank("keys", "list", "--json").out


def test_a_key_as_json_has_id_and_key_and_nothing_else() -> None:
    made = json.loads(leadrank("keys", "create", "--role", "admin", "--json").out)
    assert made.keys() == {"id", "key"}
    assert made["key"].startswith(made["id"] + ".")


def test_a_key_for_sales_says_whose_leads_it_sees_and_until_when() -> None:
    words = ("--owner", "Ann", "--territory", "North", "--territory", "South", "--expires-days", "30")
    leadrank("keys", "create", "--role", "sales", *words)
    leadrank("keys", "create", "--role", "sales", "--all-leads")
    first, second = json.loads(leadrank("keys", "list", "--json").out)["keys"]
    assert (first["owner"], first["territories"], first["all_leads"]) == ("Ann", ["North", "South"], False)
    assert first["expires_at"] > first["created_at"]
    assert (second["owner"], second["all_leads"], second["expires_at"]) == (None, True, None)
    assert "Ann, territory North, territory South" in leadrank("keys", "list").out


def test_a_key_is_revoked_once() -> None:
    made = json.loads(leadrank("keys", "create", "--role", "crm", "--json").out)
    assert "within a second" in leadrank("keys", "revoke", made["id"]).out
    assert json.loads(leadrank("keys", "list", "--json").out)["keys"][0]["state"] == "revoked"
    again = leadrank("keys", "revoke", made["id"])
    assert again.code == 2
    assert again.is_one_line


def test_lists_of_nothing_say_what_to_do() -> None:
    assert "leadrank keys create --role crm" in leadrank("keys", "list").out
    assert "leadrank users create NAME" in leadrank("users", "list").out


def test_a_user_gets_the_password_that_was_piped_in_and_it_is_not_shown() -> None:
    made = with_input(PASSWORD + "\n", "users", "create", "ann", "--role", "analyst", "--password-stdin")
    assert (made.code, made.out) == (0, "ann can sign in as analyst.\n")
    found = json.loads(leadrank("users", "list", "--json").out)["users"]
    assert [(u["name"], u["role"], u["state"]) for u in found] == [("ann", "analyst", "active")]
    assert "ann" in leadrank("users", "list").out


def test_a_user_is_asked_for_the_password_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())
    typed = iter([PASSWORD, PASSWORD, PASSWORD, "something else"])
    monkeypatch.setattr("cli.users.getpass", lambda _prompt: next(typed))
    assert leadrank("users", "create", "ann", "--role", "admin").code == 0
    refused = leadrank("users", "password", "ann")
    assert (refused.code, refused.is_one_line) == (2, True)
    assert "differ" in refused.err


def test_a_password_is_made_and_shown_once() -> None:
    made = leadrank("users", "create", "ann", "--role", "sales", "--all-leads", "--generate")
    password = made.out.rpartition(": ")[2].strip()
    assert len(password) == 20
    changed = leadrank("users", "password", "ann", "--generate")
    assert changed.out.startswith("ann has a new password.")
    assert password not in changed.out
    assert "is disabled" in leadrank("users", "disable", "ann").out
    assert json.loads(leadrank("users", "list", "--json").out)["users"][0]["state"] == "disabled"


REFUSED = {
    "no such role": (("keys", "create", "--role", "owner"), "use one of crm, sales, marketing, analyst, admin"),
    "sales without leads": (("keys", "create", "--role", "sales"), "--all-leads"),
    "owner for a CRM": (("keys", "create", "--role", "crm", "--owner", "Ann"), "sees all leads"),
    "no such key": (("keys", "revoke", "lr_nothing"), "leadrank keys list"),
    "a label with a line break": (("keys", "create", "--role", "crm", "--label", "a\nb"), "--label"),
    "no terminal": (("users", "create", "ann", "--role", "crm"), "--password-stdin or --generate"),
    "a short password": (("users", "create", "ann", "--role", "crm", "--password-stdin"), "12 to 1,000"),
    "two ways": (("users", "create", "ann", "--role", "crm", "--password-stdin", "--generate"), "give one of them"),
    "a colon": (("users", "create", "a:b", "--role", "crm", "--generate"), "no colon"),
    "nobody": (("users", "password", "bob", "--generate"), "leadrank users list"),
    "nobody to disable": (("users", "disable", "bob"), "leadrank users list"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_said_in_one_line(name: str) -> None:
    words, said = REFUSED[name]
    ended = with_input("short\n", *words)
    assert (ended.code, ended.is_one_line) == (2, True), ended
    assert said in ended.err


def test_a_database_of_an_older_program_is_not_changed(own_home: Path) -> None:
    leadrank("keys", "list")
    database = open_database(f"sqlite:///{own_home / 'var' / 'leadrank.db'}")
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    database.close()
    refused = leadrank("keys", "create", "--role", "crm")
    assert (refused.code, refused.is_one_line) == (2, True)
    assert "run `leadrank db upgrade`" in refused.err


def test_a_database_that_is_away_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADRANK_DATABASE_URL", "postgresql://nobody:hunter22@127.0.0.1:1/none")
    refused = leadrank("users", "list")
    assert (refused.code, refused.is_one_line) == (2, True)
    assert "does not answer" in refused.err
    assert "hunter22" not in refused.err


def test_the_demo_makes_users_and_a_key_and_ends_those_of_the_demo_before() -> None:
    home, now = Home.of_environment(), datetime.now(UTC)
    told = [_let_in(home, now, seller) for seller in ("Ann Lee", "Ben Ray")]
    assert "(Ben Ray)" in told[1]
    first, second = (
        re.findall(r"^  (?:(demo-\w+) +)?(\S+)(?: +\(Ann Lee\)| +\(Ben Ray\))?$", t, re.MULTILINE) for t in told
    )
    assert [name for name, _ in second] == ["demo-sales", "demo-marketing", "demo-analyst", ""]
    assert not {secret for _, secret in first} & {secret for _, secret in second}
    assert [u["role"] for u in json.loads(leadrank("users", "list", "--json").out)["users"]] == [
        *("analyst", "marketing", "sales")
    ]
    states = {k["id"]: k["state"] for k in json.loads(leadrank("keys", "list", "--json").out)["keys"]}
    assert states == {first[3][1].partition(".")[0]: "revoked", second[3][1].partition(".")[0]: "active"}
    database = open_database(home.database_url)
    with database.reading() as connection:
        kept = {row.name: row.password_hash for row in connection.execute(select(users))}
    database.close()
    assert all(fits(password.encode(), kept[name]) for name, password in second[:3])


@pytest.mark.parametrize("module", [access, settings], ids=lambda m: m.__name__)
def test_the_examples_run(module: object) -> None:
    tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert (tried.failed, tried.attempted > 0) == (0, True)


def test_a_user_for_the_companys_account_has_no_password_that_anybody_saw() -> None:
    made = leadrank("users", "create", "ann@acme.example", "--openid", "--role", "analyst")
    assert made.code == 0, made.err
    assert made.out.strip() == "ann@acme.example can sign in with the company's account as analyst."
    assert "ann@acme.example" in leadrank("users", "list").out
    both = leadrank("users", "create", "bob", "--openid", "--generate", "--role", "analyst")
    assert both.code == 2
    assert "--openid is for a user without a password" in both.err
