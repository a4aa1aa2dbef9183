"""The command line as a person meets it, run within the test: what it printed and how it ended."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass

import pytest

from cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def is_one_line(self) -> bool:
        """True where it said one thing on standard error, and nothing else."""
        return self.out == "" and self.err.startswith("leadrank: ") and self.err.count("\n") == 1


def leadrank(*words: object) -> Ended:
    """Run `leadrank` with these words. An error that it does not put into words is raised, as a traceback would be."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as end:
        patch.setattr(sys, "argv", ["leadrank", *map(str, words)])
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    return Ended(int(end.value.code or 0), out.getvalue(), err.getvalue())
