"""The leads of the simulated market: who wrote when, what the form says, and the fit and intent behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training import sample_words as words
from training.sample_companies import LOG_EMPLOYEES_MEAN, Companies, company_fit, draw_companies
from training.sample_dice import Flags, Floats, Ints, dice, draw_levels, draw_levels_by_row, logistic
from training.sample_window import DAY, HOUR, Window

EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0
WEEKDAY_LOAD = np.array([1.0, 1.1, 1.1, 1.05, 0.85, 0.25, 0.2])  # leads by day of the week, Monday first
OFFICE_HOURS, NIGHT_LOAD = (7, 19), 0.15  # UTC; leads at night against leads in office hours
INFLOW_GROWTH = 0.35  # log growth of weekly leads from the first day to the last

WRITING_SPREAD = 0.7  # shape of how unevenly the leads fall on companies (log-normal)
FREE_MAIL_SHARE = np.array([0.42, 0.24, 0.15, 0.11, 0.09])  # by company size
FREE_MAIL_FIT = -0.6
FRESH_FUNDING_DAYS, FRESH_FUNDING_FIT = 365, 0.4
CUSTOMER_INTENT = 0.7  # who bought before comes back more easily
CAMPAIGN_INTENT_SD = 0.35  # spread of the worth of campaigns
CAMPAIGN_WIDTH = 0.25  # a campaign's life as a share of the history (standard deviation)
CAMPAIGN_FLOOR = 0.03  # and what trickles in outside it
INTENT_SD = 1.0  # intent that neither source nor campaign shows
ANSWER_NOISE = 1.7  # how loosely answers in the form follow intent, in the unit of intent
TIMELINE_CUTS = np.array([-1.9, -0.6, 0.6])  # of noise minus intent: month, quarter, year, looking
BUDGET_CUTS = np.array([-0.6, 0.7, 2.0])
BUDGET_SIZE, BUDGET_INTENT, BUDGET_NOISE = 0.5, 0.3, 0.8  # by log employees, by intent, and chance
VISITS_INTENT, NEWSLETTER_INTENT = 0.3, 0.3  # log visits and log-odds for each unit of intent
OTHER_REGION_SHARE = 0.1  # leads that land with a seller of another region


@dataclass(frozen=True)
class Answers:
    """What the form and the site had noted when the lead came in; it follows intent loosely."""

    budget: Ints
    timeline: Ints
    visits_before: Ints
    newsletter: Flags


@dataclass(frozen=True)
class Leads:
    """One entry a lead in every array, in order of creation; level numbers point into `sample_words`."""

    companies: Companies
    company: Ints
    created_at: Ints  # seconds since 1970
    age_of_market: Floats  # 0 at the start of the window, 1 at its end
    seniority: Ints
    department: Ints
    free_mail: Flags
    source: Ints
    campaign: Ints  # 0 to 5 within its source
    product: Ints
    answers: Answers
    owner: Ints
    fit: Floats
    intent: Floats

    def __len__(self) -> int:
        return len(self.created_at)


def draw_leads(count: int, seed: int, window: Window) -> Leads:
    """Draw `count` leads created within the window."""
    companies = draw_companies(count, seed, window)
    rng = dice(seed, "leads")
    created_at = _draw_arrivals(count, window, rng)
    company = draw_levels(np.exp(rng.normal(0, WRITING_SPREAD, len(companies.name))), count, rng)
    size, age = companies.size[company], window.share(created_at)
    seniority = draw_levels_by_row(words.SENIORITY_SHARE_BY_SIZE[size], rng)
    department = draw_levels(words.DEPARTMENT_SHARE, count, rng)
    free_mail = rng.random(count) < FREE_MAIL_SHARE[size]
    product = draw_levels_by_row(words.PRODUCT_SHARE_BY_SIZE[size], rng)
    source = _draw_sources(age, rng)
    campaign, campaign_intent = _draw_campaigns(source, age, seed, rng)
    intent = _known_intent(source, seniority, age) + campaign_intent
    intent += CUSTOMER_INTENT * companies.customer[company] + rng.normal(0, INTENT_SD, count)
    fit = company_fit(companies)[company] + _funding_fit(companies.funded_at[company], created_at)
    fit += _person_fit(seniority, department, free_mail, product)
    return Leads(
        companies=companies,
        company=company,
        created_at=created_at,
        age_of_market=age,
        seniority=seniority,
        department=department,
        free_mail=free_mail,
        source=source,
        campaign=campaign,
        product=product,
        answers=_draw_answers(companies.employees[company], source, intent, rng),
        owner=_draw_owners(companies.country[company], rng),
        fit=fit,
        intent=intent,
    )


def _draw_arrivals(count: int, window: Window, rng: np.random.Generator) -> Ints:
    """Draw sorted moments of creation: growing inflow, few at night and at weekends."""
    hours = np.arange(window.start, window.until - HOUR + 1, HOUR, dtype=np.int64)
    weekday = (hours // DAY + EPOCH_WEEKDAY) % 7
    hour = hours // HOUR % 24
    office = (hour >= OFFICE_HOURS[0]) & (hour < OFFICE_HOURS[1])
    load = WEEKDAY_LOAD[weekday] * np.where(office, 1.0, NIGHT_LOAD)
    load *= np.exp(INFLOW_GROWTH * window.share(hours))
    return np.sort(hours[draw_levels(load, count, rng)] + rng.integers(0, HOUR, count))


def _draw_sources(age: Floats, rng: np.random.Generator) -> Ints:
    """Draw a source for each lead from a mix that drifts from the first month's to the last's."""
    share = age[:, None]
    return draw_levels_by_row((1 - share) * words.SOURCE_SHARE_FIRST + share * words.SOURCE_SHARE_LAST, rng)


def _draw_campaigns(source: Ints, age: Floats, seed: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Draw for each lead a campaign of its source that runs at the time, and the worth of it (intent)."""
    shape = np.shape(words.CAMPAIGNS)
    plan = dice(seed, "campaigns")
    peak, worth = plan.random(shape), plan.normal(0, CAMPAIGN_INTENT_SD, shape)
    running = np.exp(-0.5 * ((age[:, None] - peak[source]) / CAMPAIGN_WIDTH) ** 2) + CAMPAIGN_FLOOR
    campaign = draw_levels_by_row(running, rng)
    return campaign, np.asarray(worth[source, campaign], dtype=np.float64)


def _known_intent(source: Ints, seniority: Ints, age: Floats) -> Floats:
    by_source = words.SOURCE_INTENT[source] + words.SOURCE_INTENT_DRIFT[source] * age
    return np.asarray(by_source + words.SOURCE_SENIORITY_INTENT[source, seniority], dtype=np.float64)


def _person_fit(seniority: Ints, department: Ints, free_mail: Flags, product: Ints) -> Floats:
    by_role = words.SENIORITY_FIT[seniority] + words.DEPARTMENT_FIT[department]
    return np.asarray(by_role + FREE_MAIL_FIT * free_mail + words.PRODUCT_FIT[product], dtype=np.float64)


def _funding_fit(funded_at: Floats, created_at: Ints) -> Floats:
    """Return the push of a round announced in the year before the lead; NaN compares as no round."""
    days = (created_at - funded_at) / DAY
    return FRESH_FUNDING_FIT * ((days >= 0) & (days < FRESH_FUNDING_DAYS)).astype(np.float64)


def _draw_answers(employees: Ints, source: Ints, intent: Floats, rng: np.random.Generator) -> Answers:
    size = np.log(employees) - LOG_EMPLOYEES_MEAN
    wish = BUDGET_SIZE * size + BUDGET_INTENT * intent + rng.normal(0, BUDGET_NOISE, len(intent))
    wait = rng.normal(0, ANSWER_NOISE, len(intent)) - intent
    visits = words.SOURCE_VISITS[source] * np.exp(VISITS_INTENT * intent)
    return Answers(
        budget=np.searchsorted(BUDGET_CUTS, wish).astype(np.int64),
        timeline=np.searchsorted(TIMELINE_CUTS, wait).astype(np.int64),
        visits_before=rng.poisson(visits).astype(np.int64),
        newsletter=rng.random(len(intent)) < logistic(NEWSLETTER_INTENT * intent),
    )


def _draw_owners(country: Ints, rng: np.random.Generator) -> Ints:
    """Draw the seller of each lead, mostly from the team of its region (four sellers each)."""
    elsewhere = rng.random(len(country)) < OTHER_REGION_SHARE
    region = np.where(elsewhere, rng.integers(0, 3, len(country)), words.COUNTRY_REGION[country])
    return np.asarray(region * 4 + rng.integers(0, 4, len(country)), dtype=np.int64)
