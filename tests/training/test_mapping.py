"""The mapping: every section and key is read or refused by name, and flags win over the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from scoring.errors import WrongUsage
from training.mapping import SHAPE, Mapping, read_mapping

WHOLE = """
[lead]
file = "people"
id = "Lead No"
created_at = "Born"
company = "Firm"
owner = "Rep"

[display]
name = "Contact"
phone = "Tel"
link = "URL"
email = "Mail"

[outcome]
file = "deals"
lead_id = "Lead"
column = "Stage"
won = ["Closed Won", 1, true, 2.5]
lost = "Closed Lost"
closed_at = "Closed"
value = "Amount"
reason = "Why"

[activity]
file = "events"
lead_id = "Lead"
at = "When"
kind = "What"
amount = "How much"

[snapshots]
file = "looks"
lead_id = "Whose"
at = "Then"

[fields]
ignore = ["Score"]
keep = "Visits"
kind = { "Zip" = "category" }
monotone = { "Visits" = "up" }

[model]
horizon_days = 60
short_horizon_days = 14

[team]
capacity_per_week = 12.5
currency = "EUR"

[time]
zone = "Europe/Berlin"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "leadrank.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_all_is_left_to_guessing() -> None:
    found = read_mapping(None)
    assert found == Mapping()
    assert (found.horizon_days, found.short_horizon_days, found.zone) == (90, 30, "UTC")


def test_every_key_finds_its_place(tmp_path: Path) -> None:
    assert read_mapping(written(tmp_path, WHOLE)) == Mapping(
        id="Lead No",
        created_at="Born",
        company="Firm",
        owner="Rep",
        display=("Contact", "Tel", "URL", "Mail"),
        shown={"name": "Contact", "phone": "Tel", "link": "URL", "email": "Mail"},
        outcome="Stage",
        won=("Closed Won", "1", "true", "2.5"),
        lost=("Closed Lost",),
        closed_at="Closed",
        value="Amount",
        reason="Why",
        files={"lead": "people", "outcome": "deals", "activity": "events", "snapshots": "looks"},
        outcome_id="Lead",
        activity={"lead_id": "Lead", "at": "When", "kind": "What", "amount": "How much"},
        snapshots={"lead_id": "Whose", "at": "Then"},
        ignore=("Score",),
        keep=("Visits",),
        kinds={"Zip": "category"},
        monotone={"Visits": "up"},
        horizon_days=60,
        short_horizon_days=14,
        capacity_per_week=12.5,
        currency="EUR",
        zone="Europe/Berlin",
    )


def test_the_test_above_names_every_key_there_is() -> None:
    assert all(f"\n{key} = " in WHOLE for keys in SHAPE.values() for key in keys)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes(b'\xef\xbb\xbf[lead]\nid = "x"\n')
    assert read_mapping(path).id == "x"


def test_an_unknown_section_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(
        WrongUsage, match=r"unknown section \[leads\]; known are lead, display, outcome, activity, fields"
    ):
        read_mapping(written(tmp_path, '[leads]\nid = "x"\n'))


def test_a_key_outside_of_all_sections_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"unknown section \[lead\]"):
        read_mapping(written(tmp_path, 'lead = "x"\n'))


@pytest.mark.parametrize("section", SHAPE)
def test_an_unknown_key_is_refused_with_those_that_are_known(tmp_path: Path, section: str) -> None:
    with pytest.raises(WrongUsage) as error:
        read_mapping(written(tmp_path, f'[{section}]\nidd = "x"\n'))
    assert f"unknown key 'idd' in [{section}]" in str(error.value)
    assert all(key in error.value.way_out for key in SHAPE[section])


@pytest.mark.parametrize(
    "text",
    [
        "[lead]\nid = 5\n",
        '[lead]\nid = ["a"]\n',
        "[lead]\nfile = true\n",
        "[display]\nphone = 1\n",
        "[outcome]\nwon = { a = 1 }\n",
        "[outcome]\nwon = [[1]]\n",
        "[outcome]\nclosed_at = 2024-01-01\n",
        "[activity]\nat = 3\n",
        '[fields]\nkind = "number"\n',
        '[fields]\nkind = { "a" = 1 }\n',
        '[fields]\nmonotone = ["a"]\n',
        '[model]\nhorizon_days = "90"\n',
        "[model]\nhorizon_days = 90.5\n",
        "[model]\nhorizon_days = true\n",
        "[model]\nhorizon_days = 0\n",
        "[model]\nhorizon_days = 5000\n",
        "[model]\nshort_horizon_days = -1\n",
        '[team]\ncapacity_per_week = "many"\n',
        "[team]\ncapacity_per_week = 0\n",
        "[team]\ncapacity_per_week = inf\n",
        "[team]\ncapacity_per_week = nan\n",
        "[team]\ncurrency = 1\n",
        "[time]\nzone = 1\n",
        '[time]\nzone = "Mars/Olympus"\n',
        '[time]\nzone = "Europe"\n',
        '[time]\nzone = ""\n',
        '[time]\nzone = "../../etc/passwd"\n',
        '[fields]\nignore = ["a"]\nkeep = ["a"]\n',
        '[outcome]\nwon = "Yes"\nlost = " yes "\n',
        "not TOML at all",
        '[lead]\nid = "a"\nid = "b"\n',
    ],
)
def test_what_does_not_fit_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongUsage) as error:
        read_mapping(written(tmp_path, text))
    assert error.value.way_out
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"no such file: none\.toml"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'[lead]\nid = "\xe4"\n')
    with pytest.raises(WrongUsage, match="is not TOML"):
        read_mapping(tmp_path / "latin.toml")
    with pytest.raises(WrongUsage):
        read_mapping(tmp_path)


def test_flags_win_over_the_file_and_what_is_not_given_changes_nothing(tmp_path: Path) -> None:
    file = read_mapping(written(tmp_path, WHOLE))
    found = file.with_flags(id="ID", outcome=None, won=("yes",), lost=(), horizon_days=30, ignore=("Notes",), keep=())
    assert (found.id, found.outcome, found.won, found.lost) == ("ID", "Stage", ("yes",), ("Closed Lost",))
    assert found.horizon_days == 30
    assert found.ignore == ("Score", "Notes")
    assert found.keep == ("Visits",)
    assert file.with_flags() == file


@pytest.mark.parametrize("flags", [{"horizon_days": 0}, {"keep": ("Score",)}, {"won": ("closed lost",)}])
def test_flags_are_checked_as_the_file_is(tmp_path: Path, flags: dict[str, object]) -> None:
    with pytest.raises(WrongUsage):
        read_mapping(written(tmp_path, WHOLE)).with_flags(**flags)
