"""A model whose bytes are not those that were published is never opened, and the champion before it goes on."""

from __future__ import annotations

import json
import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from models import Shelf
from models.golden import golden_bytes
from models.manifest import CARD, GOLDEN
from models.published import model_files, write_model
from models.sealed import seal
from scoring import DamagedModel, LeadrankError, Refused, to_json
from tests.cards import small_card
from tests.models.shelves import AT, all_bytes, publish, shelf_of

FILES = ("scorecard.json", "golden.json", "about.json", "report.md", "gains.png", "manifest.json")


def flip_a_bit(file: Path, dice: Random) -> None:
    data = bytearray(file.read_bytes())
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    file.write_bytes(data)


def cut_short(file: Path, dice: Random) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: dice.randrange(len(data))])


def lengthen(file: Path, _dice: Random) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def blank(file: Path, _dice: Random) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def remove(file: Path, _dice: Random) -> None:
    file.unlink()


def put_a_link(file: Path, _dice: Random) -> None:
    copy = file.with_name("elsewhere")
    file.rename(copy)
    file.symlink_to(copy)


def put_a_folder(file: Path, _dice: Random) -> None:
    file.unlink()
    file.mkdir()


def put_a_pipe(file: Path, _dice: Random) -> None:
    file.unlink()
    os.mkfifo(file)


Harm = Callable[[Path, Random], None]
HARMS: tuple[Harm, ...] = (
    flip_a_bit, cut_short, lengthen, blank, remove, put_a_link, put_a_folder, put_a_pipe
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_harmed_file_is_named_and_the_champion_before_goes_on(tmp_path: Path, name: str, harm: Harm) -> None:
    shelf = shelf_of(tmp_path, models=2, champions=("1", "2"))
    harm(tmp_path / "models" / "2" / name, Random(name))

    with pytest.raises(DamagedModel, match=f"model 2 is damaged: {name}: "):
        shelf.open("2")
    serving, warning = shelf.open_champion()
    assert serving.version == "1"
    assert warning is not None
    assert name in warning
    assert "model 1" in warning
    assert shelf.versions() == ["1", "2"]


def test_what_is_no_plain_file_is_not_read(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=1)
    put_a_pipe(tmp_path / "models" / "1" / "report.md", Random(1))

    with pytest.raises(DamagedModel, match="report.md: not a plain file"):
        shelf.open("1")


@pytest.mark.parametrize("name", FILES)
def test_a_bit_flipped_anywhere_is_found(tmp_path: Path, name: str) -> None:
    shelf = shelf_of(tmp_path, models=1)
    file, dice = tmp_path / "models" / "1" / name, Random(7)
    whole = file.read_bytes()
    for _ in range(60):
        flip_a_bit(file, dice)
        with pytest.raises(DamagedModel, match=name):
            shelf.open("1")
        file.write_bytes(whole)
    assert shelf.open("1").version == "1"


@pytest.mark.parametrize("name", [CARD, GOLDEN, "manifest.json"])
def test_another_models_file_is_found(tmp_path: Path, name: str) -> None:
    shelf = shelf_of(tmp_path, models=2)
    shutil.copy(tmp_path / "models" / "1" / name, tmp_path / "models" / "2" / name)

    with pytest.raises(DamagedModel, match=f"model 2 is damaged: {name}"):
        shelf.open("2")


def test_another_models_whole_folder_is_found(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2)
    shutil.rmtree(tmp_path / "models" / "2")
    shutil.copytree(tmp_path / "models" / "1", tmp_path / "models" / "2")

    with pytest.raises(DamagedModel, match="it belongs to model 1"):
        shelf.open("2")


def test_a_sound_model_in_the_champions_place_is_not_the_champion(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2, champions=("1", "2"))
    folder = tmp_path / "models" / "2"
    shutil.rmtree(folder)
    folder.mkdir()
    write_model(folder, model_files(small_card(3.0), {}, {}), version="2", created_at="2026-03-01T12:00:00Z")

    serving, warning = shelf.open_champion()
    assert shelf.open("2").card == small_card(3.0)
    assert serving.version == "1"
    assert warning is not None
    assert "not the one that was promoted" in warning


def test_a_link_in_the_place_of_a_models_folder_is_refused(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=1)
    (tmp_path / "models" / "1").rename(tmp_path / "elsewhere")
    (tmp_path / "models" / "1").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(DamagedModel, match="link"):
        shelf.open("1")


@pytest.mark.parametrize("name", ["../1/scorecard.json", "/etc/hostname", ".hidden", "a/b", "", "a\nb", "x" * 101])
def test_a_manifest_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    shelf = shelf_of(tmp_path, models=1)
    place = tmp_path / "models" / "1" / "manifest.json"
    body = json.loads(place.read_bytes())
    body.pop("seal")
    body["files"][name] = body["files"]["report.md"]
    place.write_bytes(seal(body))

    with pytest.raises(DamagedModel, match="outside the model's folder"):
        shelf.open("1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "format 2 is not known here"),
        ({"files": {}}, "does not name all files"),
        ({"files": {"a": 1}}, "not a manifest"),
        ({"files": None}, "not a manifest"),
        ({"files": {"a": "no digest"}}, "names a file outside"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(tmp_path: Path, change: dict[str, object], words: str) -> None:
    shelf = shelf_of(tmp_path, models=1)
    place = tmp_path / "models" / "1" / "manifest.json"
    body = json.loads(place.read_bytes())
    body.pop("seal")
    place.write_bytes(seal(body | change))

    with pytest.raises(DamagedModel, match=words):
        shelf.open("1")


def test_a_card_that_scores_its_golden_rows_otherwise_is_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "1"
    folder.mkdir(parents=True)
    files = {**model_files(small_card(), {}, {}), GOLDEN: golden_bytes(small_card(0.001))}
    write_model(folder, files, version="1", created_at="2026-03-01T12:00:00Z")

    with pytest.raises(DamagedModel, match=r"golden\.json: golden row 1 scores"):
        Shelf(tmp_path).open("1")


def test_a_card_of_a_later_format_is_named_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "1"
    folder.mkdir(parents=True)
    later = to_json(small_card()).replace(b'"format":2', b'"format":3')
    files = {**model_files(small_card(), {}, {}), CARD: later}
    write_model(folder, files, version="1", created_at="2026-03-01T12:00:00Z")

    with pytest.raises(DamagedModel, match=r"scorecard\.json: format .* is not known here"):
        Shelf(tmp_path).open("1")


def test_golden_rows_hold_no_value_that_is_not_in_the_card() -> None:
    card = small_card()
    known = {label for f in card.fields for label in (*f.labels, *f.levels)} | {"never seen before", "", "yes", "no"}
    known |= {"someone@gmail.com", "someone@example.com", "vp sales intern"}

    leads = [row["lead"] for row in json.loads(golden_bytes(card))["rows"]]

    texts = {v for lead in leads for v in lead.values() if isinstance(v, str) and not v.startswith(("20", "19"))}
    assert texts <= known
    assert len(leads) == 32


def test_a_damaged_model_is_not_promoted(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2, champions=("1",))
    flip_a_bit(tmp_path / "models" / "2" / "scorecard.json", Random(1))
    before = all_bytes(tmp_path)

    with pytest.raises(DamagedModel):
        shelf.promote("2", by="test", at=AT)

    assert all_bytes(tmp_path) == before


def test_where_no_champion_opens_the_newest_is_named(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2, champions=("1", "2"))
    for version in ("1", "2"):
        (tmp_path / "models" / version / "golden.json").unlink()

    with pytest.raises(DamagedModel, match="model 2 is damaged"):
        shelf.open_champion()
    with pytest.raises(Refused, match="no earlier champion that opens"):
        shelf.rollback(by="test", at=AT)


def test_a_damaged_pointer_is_named_and_mended_by_a_promotion(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2, champions=("1", "2"))
    dice, pointer = Random(3), tmp_path / "champion.json"
    whole = pointer.read_bytes()
    for _ in range(60):
        flip_a_bit(pointer, dice)
        with pytest.raises(DamagedModel, match=r"champion\.json is damaged.*leadrank models promote"):
            shelf.open_champion()
        pointer.write_bytes(whole)

    flip_a_bit(pointer, dice)
    shelf.promote("2", by="test", at=AT)
    assert shelf.open_champion()[0].version == "2"


def test_a_disk_that_takes_no_more_leaves_the_shelf_as_it_was(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=1, champions=("1",))
    before = all_bytes(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
    try:
        with pytest.raises(LeadrankError, match=r"cannot be written: File too large; the champion is untouched"):
            publish(shelf)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert all_bytes(tmp_path) == before
    assert publish(shelf).version == "2"
