"""The tables of leads: as last sent, their scores by model version, and the version that the list shows."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TEXT = 1_000
"""Characters of a short text."""

PRODUCT = 100
"""Characters of a product's name: short, because it stands in an index beside a desk and an id."""

LeadId = String(200).with_variant(String(200, collation="C"), "postgresql")
"""Compared byte by byte, so that both databases order ids alike."""

leads = Table(
    "leads",
    metadata,
    Column("id", LeadId, primary_key=True),
    Column("fields", Text, nullable=False),
    Column("created_at", BigInteger),
    Column("updated_at", BigInteger),
    Column("stored_at", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("known", Boolean, nullable=False, server_default=true()),
    Column("put_at", BigInteger),
    Column("times", Text, nullable=False, server_default="{}"),
    Column("owner", String(TEXT)),
    Column("territory", String(TEXT)),
    Column("company", String(TEXT)),
    Column("display", Text, nullable=False, server_default="{}"),
    Column("do_not_score", Boolean, nullable=False, server_default=false()),
    Column("state", String(16), nullable=False, server_default="new"),
    Column("state_since", BigInteger),
    Column("state_reason", String(TEXT)),
    Column("state_until", BigInteger),
    Column("wins", Integer, nullable=False, server_default="0"),
    Column("won_value", Double),
    Column("handed_to", String(TEXT)),
    CheckConstraint("length(id) BETWEEN 1 AND 200", name="id"),
)
"""fields, times, display: JSON. created_at, updated_at, put_at: as the sender says; stored_at: as we say; microseconds
since 1970. revision counts what changed a lead's score: its fields, its activities, its purchases; a score names the
revision that it is of. known: false where only events have come so far. times: when a field that is newer than the
last whole lead (put_at) was sent. The state is the fold of the lead's events, kept here so that lists can ask.
handed_to: the seller of the last handover; what the CRM says of the lead does not touch it."""

_objecting = Index("ix_leads_do_not_score", leads.c.id)
_objecting.dialect_options["sqlite"]["where"] = text("do_not_score = 1")
_objecting.dialect_options["postgresql"]["where"] = text("do_not_score")
"""Who objects is asked twice a second, out of however many leads."""

AT_WORK = text("leads.state IN ('handed_over', 'accepted', 'not_now')")
"""Leads that somebody in sales works on: few, however many leads there are. As text, so that the index is found."""

_at_work = Index("ix_leads_state", leads.c.state, leads.c.id)
_at_work.dialect_options["sqlite"]["where"] = text("state IN ('handed_over', 'accepted', 'not_now')")
_at_work.dialect_options["postgresql"]["where"] = text("state IN ('handed_over', 'accepted', 'not_now')")

TOLD = "state_since IS NOT NULL AND state NOT IN ('won', 'lost', 'bought_again')"
"""Open leads of which anything was said: few beside all leads. SQLite uses the index where a query says just this."""

for _index, _where in (
    (Index("ix_leads_told", leads.c.state, leads.c.state_since), TOLD),
    (Index("ix_leads_company", leads.c.company, leads.c.id), "company IS NOT NULL"),
    (Index("ix_leads_handed_to", leads.c.handed_to), "handed_to IS NOT NULL"),
):
    for _dialect in ("sqlite", "postgresql"):
        _index.dialect_options[_dialect]["where"] = text(_where)

UNDATED = "created_at IS NULL"

Index("ix_leads_created_at", leads.c.created_at, leads.c.id)
_undated = Index("ix_leads_stored_at", leads.c.stored_at, leads.c.id)
for _dialect in ("sqlite", "postgresql"):
    _undated.dialect_options[_dialect]["where"] = text(UNDATED)
"""The newest leads are found without reading all: by what the CRM says, or by when they came where it says nothing."""

scores = Table(
    "scores",
    metadata,
    Column("lead_id", LeadId, ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    Column("model", String(200), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("cuts_version", Integer, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("log_odds", BigInteger, nullable=False),
    Column("probability", Double, nullable=False),
    Column("score", Integer, nullable=False),
    Column("grade", String(1), nullable=False),
    Column("horizon_days", Integer),
    Column("expected_value", Double),
    Column("readiness", String(8)),
    Column("reasons", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("trend", String(32), nullable=False, server_default="not_enough_information"),
    Column("listed", Boolean, nullable=False, server_default=true()),
    Column("desk", String(TEXT + 20)),
    Column("product", String(PRODUCT + 1)),
    Column(
        "worth_order",
        Double,
        Computed("-coalesce(expected_value, probability)", persisted=True),
        nullable=False,
    ),
    Column("log_odds_order", BigInteger, Computed("-log_odds", persisted=True), nullable=False),
    CheckConstraint("probability >= 0 AND probability <= 1", name="probability"),
    CheckConstraint("score BETWEEN 0 AND 100", name="score"),
    CheckConstraint("grade IN ('A', 'B', 'C', 'D')", name="grade"),
    CheckConstraint("expected_value >= 0 AND expected_value < 1e15", name="expected_value"),
)
"""One row a lead and model version. as_of: seconds since 1970. snapshot, reasons, warnings: JSON.
listed: false for a lead that is won, lost or not to be scored. desk: whose lead it is, its owner's or its territory's.
product: what the lead is about, as `rows.product_of` has it.
The two `_order` columns rise from the best lead to the worst: one comparison finds a place in the list."""

ORDERS = (("worth_order", "log_odds_order"), ("log_odds_order",))
"""What a list may be sorted by."""

for _order in ORDERS:
    for _part in ((), ("grade",), ("desk",)):
        _names = ("model", *_part, *_order, "lead_id")
        _index = Index("_".join(("ix_scores", *_part, _order[0])), *(scores.c[n] for n in _names))
        _index.dialect_options["sqlite"]["where"] = text("listed = 1")
        _index.dialect_options["postgresql"]["where"] = text("listed")

_open = Index(
    "ix_scores_open",
    *(scores.c[name] for name in ("model", "grade", "probability", "expected_value", "listed")),
)
_open.dialect_options["sqlite"]["where"] = text("listed = 1")
_open.dialect_options["postgresql"]["where"] = text("listed")
"""What the open leads are worth is added up without reading them."""

_stays = Index("ix_scores_stays", *(scores.c[name] for name in ("model", "readiness", "desk", "product")))
_stays.dialect_options["sqlite"]["where"] = text("listed = 1")
_stays.dialect_options["postgresql"]["where"] = text("listed")
"""How many leads lie on a desk, what they are about and how ready they are, is counted without reading them. The desk
comes late: were it second, SQLite would take this index for a desk's best leads too, and sort them."""

ABOUT = ("model", "product", "desk", "worth_order", "log_odds_order", "lead_id")
_about = Index("ix_scores_product", *(scores.c[name] for name in ABOUT))
_about.dialect_options["sqlite"]["where"] = text("listed = 1 AND product IS NOT NULL")
_about.dialect_options["postgresql"]["where"] = text("listed AND product IS NOT NULL")
"""The best leads of a desk about one product. Nothing is kept here where leads name no product."""

listing = Table(
    "listing",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("model", String(200), nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("generation_done", Integer, nullable=False, server_default="0"),
    CheckConstraint("id = 1", name="single"),
)
"""The one model version that ranked lists show. generation: rises when all leads must be scored again;
generation_done: the last one for which that was done."""
