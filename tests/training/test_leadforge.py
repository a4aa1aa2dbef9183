"""A CRM that somebody else simulated (leadforge, MIT): its folder is read through a mapping, its traps kept out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from training.history import History, read_history
from training.mapping import Mapping, read_mapping
from training.train import Trained, train

leadforge = pytest.importorskip("leadforge.api")

LEADS = 1000
TRAPS = ("current_stage", "is_sql", "total_touches_all")
"""Written after the purchase or because of it; leadforge plants them for learners to find."""

MAPPING = """
[lead]
file = "{leads}"
id = "lead_id"
created_at = "lead_created_at"
owner = "owner_rep_id"

[outcome]
column = "converted_within_90_days"
won = true
lost = false
closed_at = "conversion_timestamp"

[activity]
file = "touches"
lead_id = "lead_id"
at = "touch_timestamp"
kind = "touch_type"

[fields]
ignore = [{ignore}]
"""


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of tables, and beside its leads the same leads with the snapshot that leadforge makes of them."""
    folder = tmp_path_factory.mktemp("leadforge")
    made = leadforge.Generator.from_recipe("b2b_saas_procurement_v1", seed=42, exposure_mode="research_instructor")
    made.generate(n_leads=LEADS, difficulty="intro").save(str(folder))
    tables = folder / "tables"
    parts = sorted((folder / "tasks" / "converted_within_90_days").glob("*.parquet"))
    snapshot = pd.concat([pd.read_parquet(part) for part in parts])
    leads = pd.read_parquet(tables / "leads.parquet")
    new = ["lead_id", *snapshot.columns.difference(leads.columns)]
    leads.merge(snapshot[new], on="lead_id").to_parquet(tables / "wide_leads.parquet")
    return tables


def mapping_for(crm: Path, leads: str, ignore: tuple[str, ...]) -> Mapping:
    path = crm / f"{leads}-{len(ignore)}.toml"
    path.write_text(MAPPING.format(leads=leads, ignore=", ".join(f'"{name}"' for name in ignore)))
    return read_mapping(path)


@pytest.fixture(scope="module")
def honest(crm: Path) -> tuple[History, Trained]:
    mapping = mapping_for(crm, "wide_leads", (*TRAPS, "contact_id", "account_id"))
    history = read_history(crm, mapping)
    return history, train(history, mapping)


def test_its_folder_of_tables_is_a_history(crm: Path) -> None:
    history = read_history(crm, mapping_for(crm, "leads", ("current_stage", "is_sql")))
    leads = pd.read_parquet(crm / "leads.parquet")
    assert history.ids == leads["lead_id"].tolist()
    assert history.won.tolist() == leads["converted_within_90_days"].tolist()
    assert history.created is not None
    touched = pd.to_datetime(pd.read_parquet(crm / "touches.parquet")["touch_timestamp"]).max()
    assert pd.Timestamp(history.until or 0, unit="s").date() >= touched.date()
    assert "conversion_timestamp" not in history.columns
    assert "owner_rep_id" not in history.columns


def test_what_is_learned_from_it_is_sane(honest: tuple[History, Trained]) -> None:
    _, found = honest
    assert 0.5 < found.metrics.auc < 0.8
    assert found.rows > 0.9 * LEADS


def test_the_traps_are_kept_out(honest: tuple[History, Trained]) -> None:
    _, found = honest
    assert not {f.name for f in found.card.fields} & {*TRAPS, "converted_within_90_days", "conversion_timestamp"}
    assert set(TRAPS) <= set(found.left_out)


@pytest.mark.slow
def test_with_the_traps_it_looks_better_than_it_is(crm: Path, honest: tuple[History, Trained]) -> None:
    mapping = mapping_for(crm, "leads", ("contact_id", "account_id")).with_flags(keep=("current_stage", "is_sql"))
    fooled = train(read_history(crm, mapping), mapping)
    assert fooled.metrics.auc > honest[1].metrics.auc + 0.05
    assert "current_stage" in {f.name for f in fooled.card.fields}
