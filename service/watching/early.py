"""What can be known before the horizon is over: who bought within the short one, beside what it promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from scoring import LeadrankError
from service.champion import Champion

from .arrivals import Arrived, arrived
from .chance import unlikely
from .promises import Kept
from .trust import Ratio, Verdict, ratio_of, verdict_of

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Early:
    """Leads whose short horizon is over and whose long one is not. days: of the short one."""

    days: int
    whole: Ratio
    verdict: Verdict


def early_signs(connection: Connection, champion: Champion, *, now: int, days: int, horizon_days: int) -> Early | None:
    """What a sample of leads that came in between the two horizons tells; None where nothing was promised.

    now: seconds since 1970. The short chance is no column: it is computed again from the snapshot that is kept.
    """
    found = arrived(connection, since=now - horizon_days * DAY, until=now - days * DAY, horizon=days * DAY)
    over = [lead for lead in found if lead.as_of <= now - days * DAY]
    promised = _promised(champion, over, days)
    if not promised:
        return None
    kept = Kept(
        f"{days} days",
        len(promised),
        sum(p for p, _ in promised),
        sum(bought for _, bought in promised),
        sum(p * p for p, _ in promised),
    )
    chance = unlikely(kept.bought, [(1, p) for p, _ in promised])
    return Early(days, ratio_of(kept), verdict_of(kept, chance))


def _promised(champion: Champion, found: Sequence[Arrived], days: int) -> list[tuple[float, bool]]:
    """Each lead's short chance, by the model that scored it, and whether it bought; of models that can still say."""
    promised = []
    for model in sorted({lead.model for lead in found}):
        try:
            serving = champion.version(model)
        except LeadrankError:  # a folder that was removed or damaged says nothing
            continue
        if serving.card.short_horizon_days != days:
            continue
        chances = ((serving.short_chance(x.snapshot, x.as_of), x.bought) for x in found if x.model == model)
        promised += [(p, bought) for p, bought in chances if p is not None]
    return promised
