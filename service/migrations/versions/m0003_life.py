"""What happens to leads: activities, events, scores over time, joined and erased leads, stored answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = 1_000
LEAD_ID = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add columns and tables; lists are answered from indexes of open leads alone."""
    _widen_leads()
    _widen_scores()
    for name in ("generation", "generation_done"):
        op.add_column("listing", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    _create_activities()
    _create_events()
    _create_past_scores()
    _create_ends()
    _create_answers()


def _widen_leads() -> None:
    for column in (
        sa.Column("known", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("put_at", sa.BigInteger),
        sa.Column("times", sa.Text, nullable=False, server_default="{}"),
        sa.Column("owner", sa.String(TEXT)),
        sa.Column("territory", sa.String(TEXT)),
        sa.Column("company", sa.String(TEXT)),
        sa.Column("display", sa.Text, nullable=False, server_default="{}"),
        sa.Column("do_not_score", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("state", sa.String(16), nullable=False, server_default="new"),
        sa.Column("state_since", sa.BigInteger),
        sa.Column("state_reason", sa.String(TEXT)),
        sa.Column("state_until", sa.BigInteger),
        sa.Column("wins", sa.Integer, nullable=False, server_default="0"),
        sa.Column("won_value", sa.Double),
    ):
        op.add_column("leads", column)
    op.execute("UPDATE leads SET put_at = updated_at")


def _widen_scores() -> None:
    op.add_column("scores", sa.Column("trend", sa.String(32), nullable=False, server_default="not_enough_information"))
    op.add_column("scores", sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("scores", sa.Column("desk", sa.String(TEXT + 20)))
    for name in ("worth_order", "grade_worth_order", "log_odds_order", "grade_log_odds_order"):
        op.drop_index(f"ix_scores_{name}", "scores")
    for order in (("worth_order", "log_odds_order"), ("log_odds_order",)):
        for part in ((), ("grade",), ("desk",)):
            name = "_".join(("ix_scores", *part, order[0]))
            columns = ["model", *part, *order, "lead_id"]
            op.create_index(
                name, "scores", columns, sqlite_where=sa.text("listed = 1"), postgresql_where=sa.text("listed")
            )


def _lead() -> sa.Column[str]:
    return sa.Column("lead_id", LEAD_ID, nullable=False)


def _of_lead(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=f"fk_{table}_lead_id", ondelete="CASCADE")


def _create_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("event_id", LEAD_ID, nullable=False),
        _lead(),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.Double),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_activities"),
        _of_lead("activities"),
    )
    op.create_index("ix_activities_lead_id", "activities", ["lead_id", "at"])


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("event_id", LEAD_ID, nullable=False),
        _lead(),
        sa.Column("said", sa.String(12), nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("reason", sa.String(TEXT)),
        sa.Column("until", sa.BigInteger),
        sa.Column("deal_id", LEAD_ID),
        sa.Column("by", sa.String(TEXT)),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name="pk_events"),
        _of_lead("events"),
        sa.CheckConstraint("source IN ('outcome', 'feedback', 'handover')", name="ck_events_source"),
        sa.CheckConstraint("value >= 0 AND value < 1e15", name="ck_events_value"),
    )
    op.create_index("ix_events_lead_id", "events", ["lead_id", "occurred_at"])


def _create_past_scores() -> None:
    op.create_table(
        "past_scores",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("tx", sa.BigInteger, nullable=False, server_default="0"),
        _lead(),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("cuts_version", sa.Integer, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("log_odds", sa.BigInteger, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("grade", sa.String(1), nullable=False),
        sa.Column("expected_value", sa.Double),
        sa.Column("readiness", sa.String(8)),
        _of_lead("past_scores"),
        sa.CheckConstraint("probability >= 0 AND probability <= 1", name="ck_past_scores_probability"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_past_scores_lead_id", "past_scores", ["lead_id", "model", "as_of"])
    op.create_index("ix_past_scores_tx", "past_scores", ["tx", "seq"])


def _create_ends() -> None:
    op.create_table(
        "joined",
        sa.Column("duplicate", LEAD_ID, nullable=False),
        _lead(),
        sa.PrimaryKeyConstraint("duplicate", name="pk_joined"),
        _of_lead("joined"),
    )
    op.create_index("ix_joined_lead_id", "joined", ["lead_id"])
    op.create_table(
        "suppressed",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger),
        sa.PrimaryKeyConstraint("mark", name="pk_suppressed"),
    )


def _create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("caller", sa.String(TEXT), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("claim", sa.String(32), nullable=False),
        sa.Column("claimed_until", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("body", sa.Text),
        sa.Column("media_type", sa.String(40)),
        sa.Column("stored_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_answers"),
    )
    op.create_index("ix_answers_stored_at", "answers", ["stored_at"])
    op.create_table(
        "answered_leads",
        _lead(),
        sa.Column("caller", sa.String(TEXT), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "caller", "key", name="pk_answered_leads"),
        sa.ForeignKeyConstraint(
            ["caller", "key"],
            ["answers.caller", "answers.key"],
            name="fk_answered_leads_caller",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_answered_leads_caller", "answered_leads", ["caller", "key"])
