"""The companies of the simulated market: what they are, and how well they fit, seen and unseen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training import sample_words as words
from training.sample_dice import Flags, Floats, Ints, Words, dice, draw_levels
from training.sample_window import DAY, Window

LEADS_PER_COMPANY = 1.7  # several people of one company write, so folds by company mean something
LOG_EMPLOYEES_MEAN, LOG_EMPLOYEES_SD = 4.0, 1.6  # median 55 people, one company in 30 above a thousand
MOST_EMPLOYEES = 250_000
REVENUE_PER_EMPLOYEE, LOG_REVENUE_SD = 150_000, 0.6  # currency a year; the spread between trades
GROWTH_MEAN, GROWTH_SD = 8.0, 18.0  # percent a year
GROWTH_FIT = 0.012  # log-odds for each percent of growth
AGE_SHAPE, AGE_SCALE = 2.0, 9.0  # gamma, years: 18 in the mean, few above 60
FUNDED_SHARE = 0.35  # companies that ever announced a funding round
FUNDING_SPAN_DAYS = 5 * 365  # rounds fall within this time before the end of the history
CUSTOMER_SHARE = 0.07  # companies that bought once before, long ago
HIDDEN_FIT_SD = 0.3  # log-odds that no field shows


@dataclass(frozen=True)
class Companies:
    """One entry a company in every array; level numbers point into the tables of `sample_words`."""

    name: Words
    domain: Words
    industry: Ints
    employees: Ints
    size: Ints
    revenue: Floats
    country: Ints
    growth: Floats
    founded: Ints
    funded_at: Floats  # seconds since 1970; NaN = never funded
    tool: Ints
    customer: Flags
    hidden_fit: Floats


def draw_companies(leads: int, seed: int, window: Window) -> Companies:
    """Draw the companies behind `leads` leads that come in within the window."""
    rng = dice(seed, "companies")
    count = max(1, round(leads / LEADS_PER_COMPANY))
    employees = _draw_employees(count, rng)
    name, domain = _company_names(count)
    return Companies(
        name=name,
        domain=domain,
        industry=draw_levels(words.INDUSTRY_SHARE, count, rng),
        employees=employees,
        size=np.searchsorted(words.SIZE_EDGES, employees, side="right").astype(np.int64),
        revenue=_draw_revenue(employees, rng),
        country=draw_levels(words.COUNTRY_SHARE, count, rng),
        growth=np.round(rng.normal(GROWTH_MEAN, GROWTH_SD, count), 1),
        founded=window.first_year - rng.gamma(AGE_SHAPE, AGE_SCALE, count).astype(np.int64),
        funded_at=_draw_funding(count, window.until, rng),
        tool=draw_levels(words.TOOL_SHARE, count, rng),
        customer=rng.random(count) < CUSTOMER_SHARE,
        hidden_fit=rng.normal(0, HIDDEN_FIT_SD, count),
    )


def company_fit(companies: Companies) -> Floats:
    """Return what speaks for each company, in log-odds, the unseen part included."""
    fit = words.INDUSTRY_SIZE_FIT[companies.industry, companies.size] + words.COUNTRY_FIT[companies.country]
    growth = GROWTH_FIT * (companies.growth - GROWTH_MEAN)
    return np.asarray(fit + words.TOOL_FIT[companies.tool] + growth + companies.hidden_fit, dtype=np.float64)


def _draw_employees(count: int, rng: np.random.Generator) -> Ints:
    people = np.exp(rng.normal(LOG_EMPLOYEES_MEAN, LOG_EMPLOYEES_SD, count))
    return np.clip(np.round(people), 1, MOST_EMPLOYEES).astype(np.int64)


def _draw_revenue(employees: Ints, rng: np.random.Generator) -> Floats:
    spread = np.exp(rng.normal(0, LOG_REVENUE_SD, len(employees)))
    return np.asarray(employees * REVENUE_PER_EMPLOYEE * spread, dtype=np.float64)


def _draw_funding(count: int, until: int, rng: np.random.Generator) -> Floats:
    at = until - rng.random(count) * FUNDING_SPAN_DAYS * DAY
    return np.where(rng.random(count) < FUNDED_SHARE, at, np.nan)


def _company_names(count: int) -> tuple[Words, Words]:
    """Return a distinct name and mail domain for each company; `.example` belongs to nobody (RFC 2606)."""
    names, domains = [], []
    for number in range(count):
        rest, first = divmod(number, len(words.COMPANY_FIRST))
        rest, second = divmod(rest, len(words.COMPANY_SECOND))
        again, legal = divmod(rest, len(words.COMPANY_LEGAL))
        stem = words.COMPANY_FIRST[first] + words.COMPANY_SECOND[second]
        names.append(f"{stem} {words.COMPANY_LEGAL[legal]}" + (f" {again + 1}" if again else ""))
        domains.append(f"{stem.lower()}{number}.example")
    return np.array(names), np.array(domains)
