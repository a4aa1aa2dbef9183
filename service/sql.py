"""What both databases are told in their own words."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Connection, func
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(connection: Connection, table: Any) -> Any:
    """The dialect's own INSERT, which can give way to a row that is already there."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def text_of(value: object) -> str:
    """JSON that reads back to the same values and types."""
    return _encode(value)


def month_of(connection: Connection, seconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """The month (`2026-03`, UTC) of a moment in seconds since 1970."""
    if connection.dialect.name == "sqlite":
        return func.strftime("%Y-%m", seconds, "unixepoch")
    return func.to_char(func.timezone("UTC", func.to_timestamp(seconds)), "YYYY-MM")
