"""The docs name every command, option, route and setting that there is, and none that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import typer

from cli.main import app
from scoring.refusals import REFUSALS, Means
from service.access import PUBLIC
from service.app import create_app
from service.bare import BareRoute
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WORDS = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
SOURCES = [p for room in ("scoring", "models", "training", "service", "cli") for p in (ROOT / room).rglob("*.py")]


def commands() -> dict[str, click.Command]:
    """Every command by the words that call it."""
    found: dict[str, click.Command] = {}

    def collect(command: click.Command, name: str) -> None:
        inner = getattr(command, "commands", None)
        if inner is None:
            found[name] = command
            return
        for word, child in inner.items():
            collect(child, f"{name} {word}")

    collect(typer.main.get_command(app), "leadrank")
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_is_in_the_docs(name: str) -> None:
    *group, word = name.split()
    spelled = name in WORDS or re.search(rf"{' '.join(group)} [\w|\\ ]*\b{word}\b", WORDS)
    assert spelled, f"{name} stands in no page of docs/"


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_is_in_the_docs(name: str) -> None:
    options = {o for p in commands()[name].params for o in p.opts if o.startswith("--")} - {"--help"}
    assert not {o for o in options if o not in WORDS}


def test_the_docs_name_no_command_that_is_not_there() -> None:
    first = {name.split()[1] for name in commands()}
    blocks = "\n".join(re.findall(r"```\w*\n(.*?)```", WORDS, re.DOTALL))
    named = set(re.findall(r"^leadrank ([a-z]+)\b", blocks, re.MULTILINE)) | set(
        re.findall(r"`leadrank ([a-z]+)\b", WORDS)
    )
    assert named <= first


def test_the_docs_name_no_option_that_is_not_there() -> None:
    options = {o for c in commands().values() for p in c.params for o in (*p.opts, *p.secondary_opts)}
    named = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", WORDS))
    others = {"--env-manager", "--no-promote", "--port"}  # of mlflow's command in docs/models.md, and our own
    assert named - options - others == set()


def test_every_route_is_in_the_docs(tmp_path: Path) -> None:
    service = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}", shelf=tmp_path / "shelf"))
    paths = {getattr(r, "path", "") for r in service.routes} - {"", "/openapi.json"}
    routes = {path.replace("{lead_id:path}", "{id}").replace(":path}", "}") for path in paths}
    assert not {path for path in routes if path not in WORDS and not path.startswith("/static")}


def test_the_table_of_who_may_what_is_what_the_service_does(tmp_path: Path) -> None:
    service = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}", shelf=tmp_path / "shelf"))
    done = {
        f"{method} {route.path.replace('{lead_id:path}', '{id}').replace(':path}', '}')}": sorted(
            route.openapi_extra["x-roles"]
        )
        for route in service.routes
        if isinstance(route, BareRoute) and route.openapi_extra != PUBLIC
        for method in route.methods
    }
    words = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    head, *rows = re.search(r"\| route \| crm.*?\n\n", words, re.DOTALL)[0].strip().splitlines()
    roles = [cell.strip() for cell in head.strip("|").split("|")][1:]
    told = {}
    for row in rows[1:]:
        route, *cells = [cell.strip() for cell in row.strip("|").split("|")]
        told[route.strip("`")] = sorted(role for role, cell in zip(roles, cells, strict=True) if cell == "yes")
    assert told == done


def test_every_setting_is_in_the_docs_and_no_other() -> None:
    used = set(re.findall(r"LEADRANK_[A-Z_]+", "\n".join(p.read_text(encoding="utf-8") for p in SOURCES)))
    assert used == set(re.findall(r"LEADRANK_[A-Z_]+", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_is_no_longer_than_a_person_reads() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_docs_have_the_one_list_of_reasons() -> None:
    words = (ROOT / "docs" / "circle.md").read_text(encoding="utf-8")
    for code, refusal in REFUSALS.items():
        meaning = {Means.UNKNOWN: "unknown from then on", Means.LOST: "lost", Means.NOTHING: "no word on buying"}
        assert f"| `{code}` | {refusal.words} | {meaning[refusal.means]}" in words
