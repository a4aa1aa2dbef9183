"""What can go wrong in a way that a person can mend: one family, each error with its way out."""

from __future__ import annotations


class LeadrankError(Exception):
    """An error in words for people. `exit_code` is what the front door ends with."""

    exit_code = 1

    def __init__(self, what: str, way_out: str = "") -> None:
        super().__init__(f"{what}; {way_out}" if way_out else what)
        self.what = what
        self.way_out = way_out


class WrongUsage(LeadrankError):
    """A command, flag, setting or configuration that does not fit (exit code 2)."""

    exit_code = 2


class Refused(LeadrankError):
    """Refused for what the data is; nothing was changed (exit code 3)."""

    exit_code = 3


class DamagedModel(LeadrankError):
    """A published model whose bytes are not those that were published."""

    exit_code = 3
