"""The leads that an edit is judged on: where they may be, and which of them its parent had not learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.published import Published
from scoring.errors import LeadrankError

from .fitting import Fitting
from .history import History
from .labels import label
from .mapping import Mapping
from .rivals import Rival
from .snapshots import Snapshots
from .split import SOUND_BUYERS, Split, everything, split
from .train import SEED


@dataclass(frozen=True)
class Source:
    """Leads that may be there. name: whose they are, in words. read: raises LeadrankError where there are none."""

    name: str
    read: Callable[[], tuple[History, Mapping]]


@dataclass(frozen=True)
class Seen:
    """Leads as an edit sees them. looks: at all that are known. parts: None where none is fair to judge it on."""

    source: str
    fitting: Fitting
    looks: Snapshots
    parts: Split | None

    @property
    def rarer(self) -> int:
        """Test buyers or others, whichever are fewer; 0 where nothing can be judged."""
        if self.parts is None:
            return 0
        buyers = int(self.parts.test_bought.sum())
        return min(buyers, self.parts.test.rows - buyers)


@dataclass(frozen=True)
class Choice:
    """The leads to take, None where none can be read, and why the others were not taken, in words."""

    seen: Seen | None
    passed: tuple[str, ...]


def chosen_of(sources: Sequence[Source], parent: Published, rival: Rival | None, out: frozenset[str]) -> Choice:
    """The first source with enough test buyers; else the one with most of them. out: fields that are left out.

    rival: the parent as it was judged. Without test leads, the first source that can be read: the edit is calibrated
    on it all the same.
    """
    best: Seen | None = None
    passed: list[str] = []
    for source in sources:
        try:
            seen = _seen(source, parent, rival, out)
        except LeadrankError as fault:
            passed.append(f"{source.name}: {fault}")
            continue
        if seen.parts is None:
            passed.append(
                f"{source.name}: model {parent.version} has learned from all leads that it could be judged on"
            )
        elif seen.rarer < SOUND_BUYERS:
            passed.append(f"{source.name}: {seen.rarer} leads of the rarer kind to judge it on are few")
        if best is None or seen.rarer > best.rarer:
            best = seen
        if best.rarer >= SOUND_BUYERS:
            break
    return Choice(best, tuple(passed))


def _seen(source: Source, parent: Published, rival: Rival | None, out: frozenset[str]) -> Seen:
    history, mapping = source.read()
    labels = label(history, parent.card.horizon_days or mapping.horizon_days)
    columns = {f.name: history.columns[f.name] for f in parent.card.fields if f.name in history.columns}
    fitting = Fitting(history, columns, labels, mapping, SEED).without(out)
    looks = everything(history, labels, labels.horizon_days).looks
    parts = split(history, labels)
    fair = rival is not None and rival.is_fair(parts.cut)
    return Seen(source.name, fitting, looks, parts if fair else None)
