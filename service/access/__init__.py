"""Who may what: keys for programs, users for people, roles, and the guard in front of every route."""

from .roles import EVERYBODY, PUBLIC, Caller, Role, caller_of, may

__all__ = ["EVERYBODY", "PUBLIC", "Caller", "Role", "caller_of", "may"]
