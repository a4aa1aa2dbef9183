"""The simulated history keeps its promises: nothing from the future, a true truth, the same bytes again."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.sample_activities import KINDS, SUPPORT_KINDS
from training.sample_words import MISSING_WORDS
from training.simulate import SampleHistory, simulate, write_sample

UNTIL = datetime(2026, 7, 1, 12, 30, 15, tzinfo=UTC)
LEADS = 1_500
SIGMAS = 3.5  # chance alone trips a test of a mean once in 2,000 worlds
HISTORY_FILES = {"leads.csv", "activities.csv", "outcomes.csv", "leadrank.toml", "README.md", "truth"}


@pytest.fixture(scope="module")
def history() -> SampleHistory:
    return simulate(leads=LEADS, until=UNTIL)


@pytest.fixture(scope="module")
def large() -> SampleHistory:
    """Return enough leads that a true probability wrong by a tenth shows."""
    return simulate(leads=40_000, until=UNTIL)


@pytest.fixture(scope="module")
def folder(history: SampleHistory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "crm"
    write_sample(history, path)
    return path


def read_text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def days_to_purchase(history: SampleHistory) -> pd.Series:
    return (history.truth["bought_at"] - history.leads["created_at"]).dt.total_seconds() / 86_400


def with_dates(history: SampleHistory) -> pd.DataFrame:
    """Return the activities with the lead's creation and true purchase beside each."""
    created = history.leads[["lead_id", "created_at"]]
    return history.activities.merge(created, on="lead_id").merge(history.truth, on="lead_id")


def is_near_zero(differences: pd.Series) -> bool:
    return bool(abs(differences.mean()) < SIGMAS * differences.std() / np.sqrt(len(differences)))


def is_calibrated(bought: pd.Series, probability: pd.Series) -> bool:
    """Say whether as many bought as promised, within the noise of so many tosses."""
    noise = np.sqrt((probability * (1 - probability)).sum())
    return bool(abs(bought.sum() - probability.sum()) < SIGMAS * noise)


def file_bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# What is known, and when


def test_nothing_is_dated_after_until(history: SampleHistory) -> None:
    for stamps in (history.leads["created_at"], history.activities["at"], history.outcomes["at"]):
        assert stamps.max() <= pd.Timestamp(UNTIL)
        assert stamps.notna().all()


def test_the_truth_also_holds_purchases_after_until(history: SampleHistory) -> None:
    assert (history.truth["bought_at"] > pd.Timestamp(UNTIL)).any()


def test_leads_fall_within_the_months_before_until() -> None:
    created = simulate(leads=300, until=UNTIL, months=18).leads["created_at"]
    assert created.min() >= pd.Timestamp(UNTIL) - pd.DateOffset(months=18, hours=1)
    assert created.is_monotonic_increasing


def test_there_are_at_least_18_monthly_cohorts(history: SampleHistory) -> None:
    assert history.leads["created_at"].dt.strftime("%Y-%m").nunique() >= 18


def test_a_funding_round_is_dated_before_its_lead(history: SampleHistory) -> None:
    known = history.leads[history.leads["last_funding_on"] != ""]
    assert len(known) > LEADS / 10
    assert (pd.to_datetime(known["last_funding_on"], utc=True) < known["created_at"].dt.floor("D")).all()


def test_no_company_is_founded_after_its_first_lead() -> None:
    early = simulate(leads=500, until=datetime(2012, 3, 1, tzinfo=UTC))
    assert (early.leads["founded_year"].dropna() <= 2010).all()


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        simulate(leads=10, until=datetime(2026, 7, 1))


@pytest.mark.parametrize(("leads", "months"), [(0, 24), (10, 0)])
def test_an_empty_world_is_refused(leads: int, months: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        simulate(leads=leads, until=UNTIL, months=months)


@pytest.mark.parametrize("leads", [1, 2, 30])
def test_a_tiny_world_can_be_simulated_and_written(leads: int, tmp_path: Path) -> None:
    write_sample(simulate(leads=leads, until=UNTIL), tmp_path)
    assert len(read_text(tmp_path / "leads.csv")) == leads


# Outcomes


def test_three_to_twelve_percent_buy_within_90_days(history: SampleHistory) -> None:
    assert 0.03 < (days_to_purchase(history) <= 90).mean() < 0.12


def test_recent_leads_are_less_often_known_as_won_than_mature_ones(large: SampleHistory) -> None:
    won = large.leads["lead_id"].isin(large.outcomes.loc[large.outcomes["outcome"] == "won", "lead_id"])
    recent = large.leads["created_at"] > pd.Timestamp(UNTIL - timedelta(days=45))
    mature = large.leads["created_at"] < pd.Timestamp(UNTIL - timedelta(days=180))
    assert won[recent].mean() < 0.7 * won[mature].mean()


def test_each_known_outcome_is_won_or_lost_once(history: SampleHistory) -> None:
    assert history.outcomes["lead_id"].is_unique
    assert set(history.outcomes["outcome"]) == {"won", "lost"}
    assert set(history.outcomes["lead_id"]) <= set(history.leads["lead_id"])


def test_won_rows_are_the_true_purchases_up_to_until(history: SampleHistory) -> None:
    won = history.outcomes[history.outcomes["outcome"] == "won"].set_index("lead_id").sort_index()
    known = history.truth["bought_at"] <= pd.Timestamp(UNTIL)
    truth = history.truth[known].set_index("lead_id").sort_index()
    pd.testing.assert_series_equal(won["at"], truth["bought_at"], check_names=False)
    pd.testing.assert_series_equal(won["value"], truth["value"])


def test_a_lost_lead_never_buys(large: SampleHistory) -> None:
    lost = large.outcomes.loc[large.outcomes["outcome"] == "lost", "lead_id"]
    assert large.truth.loc[large.truth["lead_id"].isin(lost), "bought_at"].isna().all()


def test_many_dead_leads_stay_open_for_ever(history: SampleHistory) -> None:
    old = history.leads["created_at"] < pd.Timestamp(UNTIL - timedelta(days=365))
    dead = old & history.truth["bought_at"].isna()
    marked = history.leads["lead_id"].isin(history.outcomes["lead_id"])
    assert 0.2 < marked[dead].mean() < 0.8


def test_every_purchase_has_a_positive_value_and_nothing_else_has(history: SampleHistory) -> None:
    won = history.outcomes["outcome"] == "won"
    assert (history.outcomes.loc[won, "value"] > 0).all()
    assert history.outcomes.loc[~won, "value"].isna().all()


def test_values_are_skewed(history: SampleHistory) -> None:
    value = history.truth["value"].dropna()
    assert value.mean() > 1.5 * value.median()


# The truth


@pytest.mark.parametrize(("days", "column"), [(30, "probability_30d"), (90, "probability_90d")])
def test_the_true_probability_is_the_share_that_buys(large: SampleHistory, days: int, column: str) -> None:
    bought, promised = days_to_purchase(large) <= days, large.truth[column]
    assert is_calibrated(bought, promised)
    fifths = promised.groupby(pd.qcut(promised, 5, labels=False))
    assert all(is_calibrated(bought[part.index], part) for _, part in fifths)


def test_the_expected_value_is_the_mean_value_of_those_who_buy(large: SampleHistory) -> None:
    bought = large.truth[large.truth["value"].notna()]
    assert is_near_zero(bought["value"] / bought["expected_value_given_purchase"] - 1)


def test_value_and_probability_are_two_things(large: SampleHistory) -> None:
    numbers = np.log(large.truth[["probability_90d", "expected_value_given_purchase"]])
    assert abs(numbers.corr().iloc[0, 1]) < 0.5


def test_a_nearer_horizon_is_never_likelier(history: SampleHistory) -> None:
    assert (history.truth["probability_30d"] < history.truth["probability_90d"]).all()


def test_the_market_moves(large: SampleHistory) -> None:
    half = large.leads["created_at"] > large.leads["created_at"].median()
    paid = large.leads["source"] == "paid ads"
    assert paid[half].mean() > 1.2 * paid[~half].mean()
    assert large.truth.loc[half, "probability_90d"].mean() < large.truth.loc[~half, "probability_90d"].mean()


# Activities


def test_only_earlier_purchases_come_before_the_lead(history: SampleHistory) -> None:
    table = with_dates(history)
    before = table["at"] < table["created_at"]
    assert set(table.loc[before, "kind"]) == {"purchase"}
    assert not (table.loc[~before, "kind"] == "purchase").any()


def test_amounts_stand_on_purchases_alone(history: SampleHistory) -> None:
    purchase = history.activities["kind"] == "purchase"
    assert (history.activities.loc[purchase, "amount"] > 0).all()
    assert history.activities.loc[~purchase, "amount"].isna().all()


def test_the_process_ends_and_support_begins_with_the_purchase(history: SampleHistory) -> None:
    table = with_dates(history)
    after = table["at"] >= table["bought_at"]
    assert set(table.loc[after, "kind"]) == set(SUPPORT_KINDS)
    assert not table.loc[~after, "kind"].isin(SUPPORT_KINDS).any()


def test_nobody_calls_a_lead_after_it_was_lost(history: SampleHistory) -> None:
    lost = history.outcomes.loc[history.outcomes["outcome"] == "lost", ["lead_id", "at"]]
    calls = history.activities[history.activities["kind"] == "call"].merge(lost, on="lead_id")
    assert len(calls) > 0
    assert (calls["at_x"] < calls["at_y"]).all()


def process_counts(history: SampleHistory, days: int) -> pd.Series:
    """Return the number of non-seller process activities within days of creation, one entry a lead."""
    table = with_dates(history)
    early = table["at"] <= table["created_at"] + pd.Timedelta(days=days)
    counted = table[early & table["kind"].isin(set(KINDS) - {"call"})].groupby("lead_id").size()
    return counted.reindex(history.leads["lead_id"], fill_value=0).reset_index(drop=True)


def test_intent_makes_more_activities(large: SampleHistory) -> None:
    assert process_counts(large, days=14).corr(large.truth["intent"], method="spearman") > 0.35


def test_activities_tell_intent_and_never_the_purchase_itself(large: SampleHistory) -> None:
    days = days_to_purchase(large)
    still_open = ~(days <= 14)
    counts = np.log1p(process_counts(large, days=14))[still_open]
    intent = large.truth["intent"][still_open]
    surplus = counts - np.polyval(np.polyfit(intent, counts, 3), intent)
    assert is_near_zero(surplus[days[still_open] <= 104])


# Leads as people write them


def test_ids_are_text_with_leading_zeros(folder: Path) -> None:
    ids = read_text(folder / "leads.csv")["lead_id"]
    assert ids.is_unique
    assert (ids.str.startswith("0") & (ids.str.len() == 7)).all()


def test_companies_send_several_leads_and_keep_their_fields(history: SampleHistory) -> None:
    by_company = history.leads.groupby("company")
    assert (by_company.size() > 1).sum() > 100
    assert (by_company["country"].nunique() == 1).all()


def test_gaps_come_in_all_the_ways_people_leave_them(history: SampleHistory) -> None:
    assert set(MISSING_WORDS) <= set(history.leads["current_tool"])
    assert history.leads["employees"].isna().any()
    assert history.leads["annual_revenue"].isin(MISSING_WORDS).any()


def test_campaigns_have_a_few_dozen_names_and_titles_many(history: SampleHistory) -> None:
    assert 24 <= history.leads["campaign"].str.lower().nunique() <= 60
    assert history.leads["job_title"].nunique() > 100


def test_the_forms_version_says_nothing_about_the_truth(large: SampleHistory) -> None:
    log_odds = np.log(large.truth["probability_90d"] / (1 - large.truth["probability_90d"]))
    rest = log_odds - log_odds.mean()
    assert all(is_near_zero(part) for _, part in rest.groupby(large.leads["form_version"]))


def test_addresses_and_numbers_belong_to_nobody(history: SampleHistory) -> None:
    assert history.leads["email"].str.fullmatch(r"[a-z.]+\d+@([a-z]+\d+\.example|freemail\.test)").all()
    assert history.leads["phone"].str.fullmatch(r"\+1 202 555 01\d\d").all()


# Files


def test_the_same_arguments_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_sample(simulate(leads=LEADS, until=UNTIL), tmp_path)
    assert file_bytes(tmp_path) == file_bytes(folder)


def test_another_seed_is_another_world(history: SampleHistory) -> None:
    other = simulate(leads=LEADS, seed=8, until=UNTIL)
    assert not other.leads["created_at"].equals(history.leads["created_at"])
    assert not other.truth["intent"].equals(history.truth["intent"])


def test_the_zone_in_which_until_is_told_does_not_matter(history: SampleHistory) -> None:
    elsewhere = pd.Timestamp(UNTIL).tz_convert("Asia/Tokyo").to_pydatetime()
    pd.testing.assert_frame_equal(simulate(leads=LEADS, until=elsewhere).activities, history.activities)


def test_the_truth_lies_apart_from_what_training_reads(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == HISTORY_FILES
    assert {path.name for path in (folder / "truth").iterdir()} == {"truth.csv"}


@pytest.mark.parametrize(
    ("file", "column"),
    [("leads.csv", "created_at"), ("activities.csv", "at"), ("outcomes.csv", "at")],
)
def test_stamps_are_written_in_utc_to_the_second(folder: Path, file: str, column: str) -> None:
    assert read_text(folder / file)[column].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").all()


def test_a_purchase_that_never_comes_is_blank_in_the_truth(folder: Path, history: SampleHistory) -> None:
    written = read_text(folder / "truth" / "truth.csv")["bought_at"]
    assert ((written == "") == history.truth["bought_at"].isna()).all()


def test_files_hold_what_the_frames_hold(folder: Path, history: SampleHistory) -> None:
    leads = read_text(folder / "leads.csv")
    assert leads["job_title"].tolist() == history.leads["job_title"].tolist()
    assert (leads["country"] == "NA").any()
    assert len(read_text(folder / "activities.csv")) == len(history.activities)


def test_the_mapping_names_columns_that_exist(folder: Path) -> None:
    mapping = tomllib.loads((folder / "leadrank.toml").read_text(encoding="utf-8"))
    leads = set(read_text(folder / "leads.csv").columns)
    outcome = mapping["outcome"]
    assert {*mapping["lead"].values(), *mapping["display"].values(), *mapping["fields"]["ignore"]} <= leads
    assert {outcome["column"], outcome["closed_at"], outcome["value"]} <= set(read_text(folder / "outcomes.csv"))
    assert set(mapping["activity"].values()) == set(read_text(folder / "activities.csv"))
    assert mapping["team"]["capacity_per_week"] >= 1


def test_sixteen_to_twenty_fields_are_left_to_learn_from(folder: Path) -> None:
    mapping = tomllib.loads((folder / "leadrank.toml").read_text(encoding="utf-8"))
    shown = {*mapping["lead"].values(), *mapping["display"].values(), *mapping["fields"]["ignore"]}
    assert 16 <= len(set(read_text(folder / "leads.csv")) - shown) <= 20


def test_the_explanation_counts_what_was_written(folder: Path, history: SampleHistory) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert f"{LEADS} leads" in text
    assert f"{(history.outcomes['outcome'] == 'won').sum()} won" in text


def test_a_history_with_no_outcome_yet_can_be_written(history: SampleHistory, tmp_path: Path) -> None:
    write_sample(replace(history, outcomes=history.outcomes.head(0)), tmp_path)
    assert read_text(tmp_path / "outcomes.csv").empty
