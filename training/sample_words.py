"""The words and the worth of everything in the simulated market: plain tables, no dice.

Every `*_FIT` or `*_INTENT` number is in log-odds: 0.7 doubles the odds. They were chosen once so that about
7 % of leads buy within 90 days and the fields known at creation rank buyers with an AUC of at best 0.81.
"""

from __future__ import annotations

import numpy as np

MISSING_WORDS = ("", "", "", "unknown", "Select", "N/A", "n/a", "-")  # blank is the commonest

SIZE_EDGES = (10, 50, 250, 1000)  # employees: where micro, small, medium, large and giant companies part
INDUSTRIES = (
    "Software", "Manufacturing", "Retail", "Health", "Finance",
    "Education", "Public sector", "Consulting", "Logistics", "Hospitality",
)  # fmt: skip
INDUSTRY_SHARE = np.array([0.20, 0.14, 0.12, 0.10, 0.09, 0.07, 0.05, 0.11, 0.07, 0.05])
INDUSTRY_LOG_VALUE = np.array([0.1, 0.2, -0.2, 0.1, 0.5, -0.4, 0.3, -0.3, 0.1, -0.5])
# Industry x company size, a pair that matters: software buys while small, manufacturing once large.
INDUSTRY_SIZE_FIT = np.array(
    [
        [0.1, 1.3, 0.9, -0.4, -1.1],
        [-1.6, -0.9, 0.1, 1.2, 1.4],
        [-0.2, 0.5, 0.4, -0.1, -0.9],
        [-1.0, -0.4, 0.6, 0.9, 0.1],
        [-0.7, -0.2, 0.3, 0.9, 1.2],
        [-0.9, -0.7, -0.4, 0.0, 0.2],
        [-1.5, -1.1, -0.5, 0.0, 0.6],
        [0.8, 1.0, 0.3, -0.7, -1.2],
        [-1.1, -0.2, 0.8, 1.0, 0.3],
        [-0.5, -0.1, -0.2, -0.5, -0.3],
    ]
)

# NA is Namibia: a careless reader of CSV loses it.
COUNTRIES = ("US", "CA", "BR", "DE", "AT", "CH", "GB", "FR", "NL", "IN", "NA")
COUNTRY_SHARE = np.array([0.26, 0.05, 0.04, 0.20, 0.05, 0.05, 0.12, 0.09, 0.06, 0.06, 0.02])
COUNTRY_FIT = np.array([0.1, 0.0, -0.4, 0.3, 0.2, 0.3, 0.0, -0.1, 0.1, -0.6, -0.2])
COUNTRY_REGION = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2])  # which team of sellers takes the lead

TOOLS = ("spreadsheets", "none", "Rival One", "Old Suite", "in-house")
TOOL_SHARE = np.array([0.34, 0.16, 0.22, 0.16, 0.12])
TOOL_FIT = np.array([0.25, 0.0, -0.35, 0.3, -0.2])

# Seniority: intern, staff, manager, director, vice president, chief.
SENIORITY_FIT = np.array([-1.4, -0.5, 0.1, 0.5, 0.6, 0.3])
SENIORITY_SHARE_BY_SIZE = np.array(  # rows: micro to giant; a small company writes through its chief
    [
        [0.04, 0.26, 0.15, 0.10, 0.03, 0.42],
        [0.06, 0.34, 0.25, 0.13, 0.05, 0.17],
        [0.08, 0.38, 0.28, 0.14, 0.06, 0.06],
        [0.08, 0.40, 0.29, 0.13, 0.07, 0.03],
        [0.09, 0.42, 0.29, 0.11, 0.07, 0.02],
    ]
)
DEPARTMENTS = ("Sales", "Marketing", "IT", "Operations", "Finance", "Purchasing", "HR", "Logistics")
DEPARTMENT_SHARE = np.array([0.24, 0.20, 0.14, 0.13, 0.09, 0.09, 0.06, 0.05])
DEPARTMENT_FIT = np.array([0.35, 0.2, 0.0, 0.1, -0.1, 0.1, -0.5, -0.2])
JOB_TITLES = (  # one row a seniority; people write the same rank in several ways
    ("{} intern", "Intern {}", "Working student {}", "{} trainee"),
    ("{} specialist", "{} associate", "{} analyst", "Sr. {} specialist"),
    ("{} manager", "Manager, {}", "{} team lead", "Senior Manager {}"),
    ("Head of {}", "Director of {}", "{} Director", "Leiter {}"),
    ("VP of {}", "VP {}", "Vice President {}", "SVP {}"),
    ("CEO", "Managing Director", "Founder & CEO", "Chief {} Officer"),
)

SOURCES = (
    "referral", "web search", "paid ads", "trade fair", "partner", "cold list", "webinar", "social media",
)  # fmt: skip
# The mix of sources drifts from the first month's to the last's.
SOURCE_SHARE_FIRST = np.array([0.10, 0.24, 0.14, 0.15, 0.08, 0.16, 0.08, 0.05])
SOURCE_SHARE_LAST = np.array([0.08, 0.20, 0.27, 0.06, 0.08, 0.09, 0.11, 0.11])
SOURCE_INTENT = np.array([0.8, 0.35, -0.1, 0.1, 0.5, -0.9, 0.2, -0.4])
SOURCE_INTENT_DRIFT = np.array([0.0, 0.0, -0.5, 0.0, 0.0, 0.0, 0.1, 0.0])  # paid ads wear out over the months
# Source x seniority, the other pair that matters: chiefs come by referral and do not answer cold lists.
SOURCE_SENIORITY_INTENT = np.array(
    [
        [-0.5, -0.3, 0.0, 0.2, 0.5, 1.0],
        [0.1, 0.2, 0.0, 0.0, -0.2, -0.2],
        [0.0, 0.4, 0.1, -0.2, -0.5, -0.7],
        [-1.2, -0.7, 0.1, 0.8, 0.8, 0.3],
        [0.0, 0.0, 0.0, 0.1, 0.1, 0.0],
        [0.4, 0.6, 0.2, -0.4, -0.8, -1.3],
        [-0.3, 0.5, 0.3, 0.1, 0.4, 0.8],
        [0.1, 0.3, 0.1, 0.0, -0.4, -0.4],
    ]
)
SOURCE_VISITS = np.array([0.4, 1.5, 1.0, 0.2, 0.4, 0.05, 0.8, 0.7])  # mean visits to the site before the form
# One row a source; their worth is drawn with the world, so that no name gives it away.
CAMPAIGNS = (
    ("Thank-you mail", "Refer a friend", "Advisory board", "Alumni round", "User group", "Partner dinner"),
    ("Brand", "Generic CRM", "Pricing terms", "Comparison pages", "How-to articles", "Long tail"),
    ("Search ads core", "Retargeting v2", "Display broad", "Video spring", "Lookalikes", "Rival names"),
    ("Hannover spring", "Cologne autumn", "Chicago expo", "London summit", "Regional days", "Zurich forum"),
    ("Reseller north", "Reseller south", "Integrator pool", "Marketplace", "Bank alliance", "Agency circle"),
    ("Bought list A", "Bought list B", "Old trial users", "Directory crawl", "Call pilot", "Chamber list"),
    ("Forecasting 101", "Sales & AI", "Customer story", "Product tour", "Industry talk", "Ask the founder"),
    ("LinkedIn posts", "LinkedIn forms", "Newsletter swap", "Podcast", "Community", "Short clips"),
)

PRODUCTS = ("Starter", "Team", "Enterprise", "Add-on")
PRODUCT_SHARE_BY_SIZE = np.array(
    [
        [0.66, 0.24, 0.03, 0.07],
        [0.40, 0.46, 0.06, 0.08],
        [0.16, 0.52, 0.20, 0.12],
        [0.08, 0.38, 0.40, 0.14],
        [0.06, 0.24, 0.56, 0.14],
    ]
)
PRODUCT_FIT = np.array([0.1, 0.15, -0.1, -0.2])
PRODUCT_LOG_VALUE = np.array([-0.5, 0.0, 0.7, -0.8])
BUDGETS = ("under 5k", "5k-20k", "20k-100k", "over 100k")
TIMELINES = ("this month", "this quarter", "this year", "just looking")

SELLERS = (  # four for each region: Americas, Germany with Austria and Switzerland, all others
    "Ana Lopes", "Ben Carter", "Chloe Reyes", "Dan Hughes", "Eva Brandt", "Felix Kern",
    "Greta Vogel", "Hugo Lang", "Iris Martin", "Jack Owen", "Kira Patel", "Leo Visser",
)  # fmt: skip
SELLER_EFFORT = np.array([1.0, 1.0, 2.0, 0.6, 0.9, 1.9, 1.0, 1.1, 1.0, 0.6, 1.8, 1.0])  # 1 = the usual calls a lead
SELLER_TIDINESS = np.array(  # share of dead leads that the seller ever marks as lost
    [0.6, 0.3, 0.7, 0.1, 0.5, 0.7, 0.4, 0.3, 0.6, 0.15, 0.5, 0.4]
)
LOST_REASONS = ("no answer", "no budget", "chose a competitor", "not a fit", "postponed", "")

FIRST_NAMES = (
    "Amir", "Bella", "Carlos", "Dora", "Emil", "Fatima", "Georg", "Hanna", "Ivan", "Julia", "Kofi",
    "Lena", "Marco", "Nina", "Oskar", "Priya", "Quinn", "Rosa", "Sven", "Tara", "Umut", "Vera",
    "Wei", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Adler", "Baker", "Costa", "Dietz", "Evans", "Fischer", "Gupta", "Hansen", "Ito", "Jensen",
    "Keller", "Lopez", "Moreau", "Novak", "Okafor", "Peters", "Quist", "Rossi", "Silva", "Tanaka",
    "Ude", "Vogt", "Weber", "Young",
)  # fmt: skip
COMPANY_FIRST = (
    "Alder", "Amber", "Aspen", "Birch", "Bright", "Cedar", "Cobalt", "Copper", "Delta", "Ember",
    "Falcon", "Fern", "Granite", "Harbor", "Hazel", "Indigo", "Iron", "Juniper", "Kestrel", "Lumen",
    "Maple", "Marble", "North", "Oak", "Opal", "Pine", "Prairie", "Quartz", "Raven", "River",
    "Silver", "Slate", "Summit", "Tidal", "Umbra", "Vertex", "West", "Willow", "Winter", "Zephyr",
)  # fmt: skip
COMPANY_SECOND = (
    "bank", "beam", "bridge", "cliff", "craft", "field", "forge", "gate", "hill", "land", "line",
    "loop", "mark", "mill", "point", "port", "ridge", "shore", "stone", "tower", "vale", "wave",
    "wood", "works",
)  # fmt: skip
COMPANY_LEGAL = ("Inc", "Ltd", "GmbH", "AG", "BV", "SA", "LLC")
