"""The leads as the CRM wrote them down at creation: free text, several spellings, gaps as people leave."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training import sample_words as words
from training.sample_dice import Flags, Floats, Words, dice
from training.sample_leads import Leads
from training.sample_window import DAY, moments

# Share of leads for which a field is left open. Who does not say is a little less keen, see GAP_INTENT.
GAP_SHARE = {
    "job_title": 0.08,
    "industry": 0.05,
    "employees": 0.10,
    "annual_revenue": 0.28,
    "product_interest": 0.12,
    "current_tool": 0.35,
    "budget": 0.30,
    "timeline": 0.25,
    "growth_pct": 0.20,
    "founded_year": 0.15,
    "campaign": 0.04,
}
GAP_INTENT = -0.25  # log of how much rarer gaps become with each unit of intent
CARELESS_SHARE = 0.07  # texts typed in small letters
REVENUE_DIGITS = 2  # nobody knows the revenue of a company more closely
FORM_VERSIONS = ("A", "B", "C")  # a useless field: shown at random, moves nothing
CONTACT_WAYS = ("e-mail", "phone", "no preference")  # another one


def lead_records(leads: Leads, seed: int) -> pd.DataFrame:
    """Return one row a lead with what was known at its creation."""
    rng = dice(seed, "records")
    records = _contacts(leads, rng).assign(**_company_fields(leads), **_form_fields(leads, rng))
    for field, share in GAP_SHARE.items():
        gaps = rng.random(len(leads)) < share * np.exp(GAP_INTENT * leads.intent)
        records[field] = _with_gaps(records[field], gaps, rng)
    return records


def lead_ids(count: int) -> Words:
    """Return ids in order of creation; text, with leading zeros that must survive."""
    return np.array([f"{number:07d}" for number in range(1, count + 1)])


def _contacts(leads: Leads, rng: np.random.Generator) -> pd.DataFrame:
    """Return who the lead is: shown to sales, never learned from. Names and addresses belong to nobody."""
    ids = lead_ids(len(leads))
    first = np.array(words.FIRST_NAMES)[rng.integers(0, len(words.FIRST_NAMES), len(leads))]
    last = np.array(words.LAST_NAMES)[rng.integers(0, len(words.LAST_NAMES), len(leads))]
    host = np.where(leads.free_mail, "freemail.test", leads.companies.domain[leads.company])
    people = list(zip(first, last, ids, host, rng.integers(100, 200, len(leads)), strict=True))
    return pd.DataFrame(
        {
            "lead_id": ids,
            "created_at": moments(leads.created_at),
            "company": leads.companies.name[leads.company],
            "contact": [f"{first} {last}" for first, last, _, _, _ in people],
            "email": [f"{first}.{last}{int(row)}@{host}".lower() for first, last, row, host, _ in people],
            "phone": [f"+1 202 555 0{line}" for _, _, _, _, line in people],  # 0100 to 0199: kept for fiction
            "link": [f"https://crm.example.com/leads/{number}" for number in ids],
            "owner": np.array(words.SELLERS)[leads.owner],
        }
    )


def _company_fields(leads: Leads) -> dict[str, object]:
    companies, row = leads.companies, leads.company
    return {
        "industry": np.array(words.INDUSTRIES)[companies.industry[row]],
        "employees": companies.employees[row],
        "annual_revenue": _rounded(companies.revenue)[row],
        "country": np.array(words.COUNTRIES)[companies.country[row]],
        "growth_pct": companies.growth[row],
        "founded_year": companies.founded[row],
        "last_funding_on": _known_funding(companies.funded_at[row], leads.created_at.astype(np.float64)),
        "current_tool": np.array(words.TOOLS)[companies.tool[row]],
    }


def _form_fields(leads: Leads, rng: np.random.Generator) -> dict[str, object]:
    return {
        "job_title": _job_titles(leads, rng),
        "email_kind": np.where(leads.free_mail, "free", "company"),
        "source": np.array(words.SOURCES)[leads.source],
        "campaign": _careless(np.array(words.CAMPAIGNS)[leads.source, leads.campaign], rng),
        "product_interest": np.array(words.PRODUCTS)[leads.product],
        "budget": np.array(words.BUDGETS)[leads.answers.budget],
        "timeline": np.array(words.TIMELINES)[leads.answers.timeline],
        "visits_before": leads.answers.visits_before,
        "newsletter": np.where(leads.answers.newsletter, "yes", "no"),
        "form_version": np.array(FORM_VERSIONS)[rng.integers(0, len(FORM_VERSIONS), len(leads))],
        "preferred_contact": np.array(CONTACT_WAYS)[rng.integers(0, len(CONTACT_WAYS), len(leads))],
        "tracking_id": [f"{mark:016x}" for mark in rng.integers(0, 2**63, len(leads))],
    }


def _job_titles(leads: Leads, rng: np.random.Generator) -> Words:
    """Return titles in the several ways people write the same rank."""
    wordings = np.array(
        [[[text.format(name) for text in row] for name in words.DEPARTMENTS] for row in words.JOB_TITLES]
    )
    pick = rng.integers(0, wordings.shape[2], len(leads))
    return _careless(wordings[leads.seniority, leads.department, pick], rng)


def _careless(texts: Words, rng: np.random.Generator) -> Words:
    return np.where(rng.random(len(texts)) < CARELESS_SHARE, np.strings.lower(texts), texts)


def _known_funding(funded_at: Floats, created_at: Floats) -> Words:
    """Return the day of the last round where it was public before the lead's own day, else nothing."""
    known = np.floor(funded_at / DAY) < np.floor(created_at / DAY)  # NaN is never smaller
    days = np.floor(np.where(known, funded_at, 0.0)).astype("datetime64[s]")
    return np.where(known, np.datetime_as_string(days, unit="D"), "")


def _rounded(numbers: Floats) -> np.ndarray:
    scale = 10.0 ** (np.floor(np.log10(numbers)) - REVENUE_DIGITS + 1)
    return (np.round(numbers / scale) * scale).astype(np.int64)


def _with_gaps(column: pd.Series, gaps: Flags, rng: np.random.Generator) -> pd.Series:
    """Leave a column open where `gaps` says: numbers become blank, texts one of the words people use."""
    filler = np.array(words.MISSING_WORDS)[rng.integers(0, len(words.MISSING_WORDS), len(column))]
    if column.name == "annual_revenue":  # typed by hand, so its gaps are words among the numbers
        return column.astype(str).where(~gaps, filler)
    if column.dtype.kind == "i":
        return column.astype("Int64").mask(gaps)
    if column.dtype.kind == "f":
        return column.mask(gaps)
    return column.where(~gaps, filler)
