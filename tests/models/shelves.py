"""Shelves for tests, made of real models."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from models import Published, Shelf
from tests.cards import small_card

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

ABOUT = {
    "rows": 12_000,
    "buyers": 1_204,
    "metrics": {"auc": 0.8421, "auc_ci": [0.82, 0.86]},
    "gate": {"decision": "promote", "reasons": ["better than chance"]},
}


def publish(shelf: Shelf, *, shift: float = 0.0) -> Published:
    """Put one more model on a shelf; `shift` makes its scores differ from those of others."""
    return shelf.add(
        small_card(shift), about=ABOUT, at=AT, attachments={"report.md": b"# Report\n", "gains.png": b"png"}
    )


def shelf_of(folder: Path, *, models: int, champions: tuple[str, ...] = ()) -> Shelf:
    """A shelf with so many models, the champions promoted in this order."""
    shelf = Shelf(folder)
    for number in range(models):
        publish(shelf, shift=number / 10)
    for version in champions:
        shelf.promote(version, by="test", at=AT)
    return shelf


def all_bytes(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, path -> bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
