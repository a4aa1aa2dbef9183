"""The service's own history, written as a folder that `leadrank train` reads without a flag."""

from __future__ import annotations

from .account import Account
from .history import export

__all__ = ["Account", "export"]
