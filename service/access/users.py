"""The users: people with a name and a password."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scoring import WrongUsage
from service.database import Database
from service.moments import micros_at, text_of_micros

from .grants import Grant, checked
from .passwords import checked_password, hash_of
from .tables import users

_NOBODY = "no user has this name"
_SEE = "see `leadrank users list`"


def create_user(database: Database, name: str, password: str, grant: Grant, *, now: datetime) -> None:
    """Add a user; raises WrongUsage for a name that is taken or cannot be sent."""
    checked("a name", name)
    if ":" in name:
        raise WrongUsage("a name has no colon: a browser sends it before the password, with a colon between")
    moment = micros_at(now)
    row = {
        "name": name,
        "password_hash": hash_of(checked_password(password)),
        "created_at": moment,
        "changed_at": moment,
    }
    try:
        with database.writing() as connection:
            connection.execute(insert(users).values(row | grant.columns()))
    except IntegrityError:
        raise WrongUsage("a user of this name is there already", "`leadrank users password NAME` changes it") from None


def list_users(database: Database) -> list[dict[str, Any]]:
    """Every user by name, without the password. state: active or disabled."""
    with database.reading() as connection:
        rows = connection.execute(select(users).order_by(users.c.name)).all()
    return [
        {
            "name": row.name,
            **Grant.of_row(row).columns(),
            "territories": list(Grant.of_row(row).territories),
            "state": "active" if row.disabled_at is None else "disabled",
            "created_at": text_of_micros(row.created_at),
            "disabled_at": text_of_micros(row.disabled_at),
        }
        for row in rows
    ]


def disable_user(database: Database, name: str, *, now: datetime) -> None:
    """Let a user in no more, until a new password is given; raises WrongUsage where there is none to disable."""
    if not _change(database, name, now, disabled_at=micros_at(now), only_active=True):
        raise WrongUsage("no user has this name who is not disabled already", _SEE)


def forget_user(database: Database, name: str) -> None:
    """Remove a user and his sessions, where there is one of this name."""
    with database.writing() as connection:
        connection.execute(delete(users).where(users.c.name == name))


def set_password(database: Database, name: str, password: str, *, now: datetime) -> None:
    """Give a user a new password, and let a disabled one in again; raises WrongUsage."""
    hashed = hash_of(checked_password(password))
    if not _change(database, name, now, password_hash=hashed, disabled_at=None):
        raise WrongUsage(_NOBODY, _SEE)


def _change(database: Database, name: str, now: datetime, *, only_active: bool = False, **values: Any) -> bool:
    """True where there was such a user. `changed_at` always rises, whatever the clock says: memory goes by it."""
    moment = micros_at(now)
    changed = case((users.c.changed_at < moment, moment), else_=users.c.changed_at + 1)
    change = update(users).where(users.c.name == name)
    if only_active:
        change = change.where(users.c.disabled_at.is_(None))
    with database.writing() as connection:
        return connection.execute(change.values(changed_at=changed, **values)).rowcount > 0
