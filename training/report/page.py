"""The page: what a model learned from, how good it is, what it looks at, and where it errs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from typing import TYPE_CHECKING

from scoring.measure import Metrics

from .charts import Plane, percents, rounded
from .evidence import Evidence, Part
from .glass import card_in_pictures
from .style import STYLE

if TYPE_CHECKING:
    from ..train import Trained


@dataclass(frozen=True)
class _Told:
    """A training run and what was counted of its test leads."""

    trained: Trained
    evidence: Evidence


def page_of(trained: Trained, evidence: Evidence) -> bytes:
    """The report as UTF-8 HTML: no script, nothing loaded from elsewhere. Same model, same bytes."""
    told = _Told(trained, evidence)
    parts = (_head, _learned_from, _how_good, _glass, _price, _slices, _card)
    body = "".join(part(told) for part in parts)
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>A lead scoring model</title>'
        f"<style>{STYLE}</style></head><body><main>{body}</main></body></html>\n"
    )
    return html.encode("utf-8", "backslashreplace")


def _percent(share: float | None) -> str:
    return "not known" if share is None else f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{escape(h)}</th>' for h in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(c)}</td>" for c in row[1:])}</tr>'
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _head(told: _Told) -> str:
    trained, plain = told.trained, told.evidence.plain
    metrics, low_high = trained.metrics, "{:.3f} to {:.3f}".format(*trained.metrics.auc_ci)
    times = plain.best_against_worst
    numbers = [
        (_percent(metrics.buyers_in_top_20pct), "of the buyers are among the best 20 % of leads"),
        (
            _percent(plain.flagged),
            f"of leads are flagged (A or B); they hold {_percent(plain.buyers_flagged)} of buyers",
        ),
        (
            "no buyer of D" if times is None else f"{times:.1f} times",
            "as many leads of grade A buy as of grade D",
        ),
    ]
    tiles = "".join(f"<div><b>{n}</b><span>{escape(words)}</span></div>" for n, words in numbers)
    gate = trained.gate
    reasons = escape("; ".join(gate.reasons))
    days = trained.card.horizon_days
    horizon = f" within {days} days" if days else ""
    which = "the latest ones" if trained.split.kind == "forward" else "drawn at random"
    buyers = int(trained.split.test_bought.sum())
    return (
        f"<h1>Which leads will buy{horizon}</h1>"
        f'<div class="tiles">{tiles}</div>'
        f"<p>Judged on {trained.split.test.rows:,} leads that the model never saw, {which}, {buyers:,} of them buyers. "
        f"AUC {metrics.auc:.3f} ({low_high}): of a buyer and another lead, drawn blindly, the buyer stands higher in "
        "this share of cases.</p>"
        f'<p class="gate gate-{escape(gate.decision)}"><b>{escape(gate.decision.replace("_", " "))}</b>: {reasons}</p>'
    )


def _learned_from(told: _Told) -> str:
    trained = told.trained
    split = trained.split.as_dict()
    rows = [
        ("leads learned from", f"{trained.rows:,}, of them {trained.buyers:,} buyers"),
        (
            "judged",
            f"{split['kind']}: {split['train']:,} leads, then {split['test']:,} after {split['cut'] or 'a draw'}",
        ),
    ]
    if trained.censoring:
        rows.append(("leads too young to know", str(trained.censoring["method"])))
    rows += [("note", note) for note in trained.notes]
    suspects = "".join(
        f"<li><b>{escape(f.field)}</b> is suspect: {escape(f.reason)}</li>" for f in trained.leaks.suspects
    )
    asked = ""
    if suspects:
        bare = (trained.metrics_without_suspects or trained.metrics).auc
        asked = (
            f'<div class="ask"><p>AUC {trained.metrics.auc:.3f} with these fields, {bare:.3f} without them. Ask of '
            f"each: is it written before or after sales has spoken to the lead?</p><ul>{suspects}</ul></div>"
        )
    out = [(f.field, f"excluded: {f.reason}") for f in trained.leaks.excluded]
    out += list(trained.left_out.items())
    left = _table(("not a field", "why"), out) if out else "<p>Every column became a field.</p>"
    alarms = "".join(f'<p class="ask"><b>Alarm, {escape(a.name)}</b>: {escape(a.text)}</p>' for a in trained.alarms)
    return f"<h2>What it learned from</h2>{alarms}{asked}{_table(('', ''), rows)}{left}"


def _how_good(told: _Told) -> str:
    evidence = told.evidence
    figures = [_gains(evidence), _reliability(evidence), _distribution(evidence)]
    if evidence.values:
        figures.append(_values(evidence.values))
    if evidence.months and len(evidence.months) > 1:
        figures.append(_months(evidence.months))
    ready = told.trained.promises.readiness
    rows = [(name, f"{r.leads:,}", f"{r.bought_soon:.1%}", f"{r.bought:.1%}") for name, r in ready.items()]
    readiness = ""
    if rows:
        head = ("ready", "test leads", "bought within the short horizon", "bought within the horizon")
        readiness = f"<h3>Readiness</h3>{_table(head, rows)}"
    return f'<h2>How good it is</h2><div class="figures">{"".join(figures)}</div>{readiness}'


def _figure(plane: Plane, ticks: Sequence[tuple[float, str]], words: str) -> str:
    title = f"<h3>{escape(plane.title)}</h3>"
    return f"<figure>{title}{plane.svg(ticks)}<figcaption>{escape(words)}</figcaption></figure>"


def _gains(evidence: Evidence) -> str:
    plane = Plane(100, 100, "leads called, best first", "buyers reached", "Gains")
    scaled = [(100 * s, 100 * v, 100 * low, 100 * high) for s, v, low, high in evidence.gains]
    plane.band([(s, low) for s, _, low, _ in scaled], [(s, high) for s, _, _, high in scaled], "area")
    plane.line([(0, 0), (100, 100)], "other")
    plane.line([(s, v) for s, v, _, _ in scaled], "ours")
    half = evidence.gains[10][1]
    words = (
        f"Calling half of the leads, best first, reaches {_percent(half)} of the buyers; in any order, half of them "
        "(dashed). Shaded: 95 % interval."
    )
    return _figure(plane, percents(), words)


def _reliability(evidence: Evidence) -> str:
    shares = [
        (100 * p.promised / p.leads, 100 * p.happened / p.leads, 196 * p.noise / p.leads) for p in evidence.tenths
    ]
    top = rounded(max(max(a + e, b) for a, b, e in shares))
    plane = Plane(top, top, "promised", "bought", "Promised against happened")
    plane.line([(0, 0), (top, top)], "other")
    for promised, happened, error in shares:
        plane.dot(promised, happened, "ours", max(0.0, promised - error), min(top, promised + error))
    wrong = sum(abs(b - a) > e for a, b, e in shares)
    words = (
        "Each dot is a tenth of the test leads; on the dashed line as many bought as were promised. "
        f"{wrong} of {len(shares)} lie outside of what chance alone does (whiskers, 95 %)."
    )
    return _figure(plane, [(top * k / 4, f"{top * k / 4:g}%") for k in range(5)], words)


def _distribution(evidence: Evidence) -> str:
    rows = evidence.histogram
    width = 100 * (rows[1][0] - rows[0][0])
    top = rounded(100 * max(max(b, o) for _, b, o in rows))
    plane = Plane(width * len(rows), top, "probability", "share of group", "Probability by outcome")
    for left, bought, other in rows:
        plane.bar(100 * left, width, 100 * other, "rest")
        plane.bar(100 * left + width / 4, width / 2, 100 * bought, "buyers")
    end = width * len(rows)
    words = "Grey: leads that did not buy. Blue: buyers. The further apart the two, the better the model tells them."
    return _figure(plane, [(end * k / 4, f"{end * k / 4:.0f}%") for k in range(5)], words)


def _values(values: list[tuple[float, float, float]]) -> str:
    plane = Plane(100, 100, "leads called, best first", "revenue reached", "Revenue")
    plane.line([(100 * s, 100 * p) for s, _, p in values], "other")
    plane.line([(100 * s, 100 * v) for s, v, _ in values], "ours")
    _, by_value, by_chance = values[4]
    words = (
        f"The best 20 % by expected value bring {_percent(by_value)} of all revenue, by probability alone "
        f"{_percent(by_chance)} (dashed)."
    )
    return _figure(plane, percents(), words)


def _months(months: list[Part]) -> str:
    top = rounded(max(max(p.happened, p.promised + 1.96 * p.noise) for p in months))
    plane = Plane(len(months), top, "month of the test leads", "buyers", "Month by month", unit="")
    for k, part in enumerate(months):
        plane.bar(k + 0.2, 0.6, part.happened, "rest")
        low, high = max(0.0, part.promised - 1.96 * part.noise), part.promised + 1.96 * part.noise
        plane.dot(k + 0.5, part.promised, "ours", low, high)
    step = max(1, len(months) // 6)
    ticks = [(k + 0.5, months[k].name) for k in range(0, len(months), step)]
    promised, happened = sum(p.promised for p in months), sum(p.happened for p in months)
    words = (
        "Bars: buyers. Dots: buyers promised, with what chance alone does. "
        f"In all {promised:,.0f} were promised and {happened:,} bought."
    )
    return _figure(plane, ticks, words)


def _glass(told: _Told) -> str:
    return (
        "<h2>What it looks at</h2><p>The score is the sum of these points and nothing else: +10 points double the odds "
        f"of buying. Fields that move scores most come first.</p>{card_in_pictures(told.trained.card)}"
    )


def _price(told: _Told) -> str:
    peers = told.trained.peers
    rows: list[tuple[str, Metrics]] = [
        ("this model", told.trained.metrics),
        ("full gradient boosting, a black box", peers.yardstick),
        ("logistic regression", peers.logistic),
        (f"its best single field ({peers.best_field_name})", peers.best_field),
        ("the same for every lead", peers.base_rate),
    ]
    cells = [(n, f"{m.auc:.3f}", f"{m.log_loss:.4f}", _percent(m.buyers_in_top_20pct)) for n, m in rows]
    difference = peers.yardstick.auc - told.trained.metrics.auc
    words = "Glass costs nothing here" if difference <= 0 else f"Glass costs {difference:.3f} AUC here"
    head = ("on the same test leads", "AUC", "log loss", "buyers in the best 20 %")
    return f"<h2>The price of glass</h2><p>{words}, against a model that nobody can read.</p>{_table(head, cells)}"


def _slices(told: _Told) -> str:
    found = told.evidence.slices
    if not found:
        return (
            "<h2>Where it errs</h2><p>In no level of any field did promised and happened differ by more than chance "
            "among so many levels does.</p>"
        )
    rows = [(p.name, f"{p.leads:,}", f"{p.promised:,.0f}", f"{p.happened:,}") for p in found]
    head = ("test leads with", "leads", "buyers promised", "buyers")
    return (
        "<h2>Where it errs</h2><p>Here promised and happened differ by more than chance among so many levels would: "
        f"do not lean on the probability of these.</p>{_table(head, rows)}"
    )


def _card(told: _Told) -> str:
    trained = told.trained
    kept = ", ".join(trained.leaks.kept) or "none"
    ignored = ", ".join(n for n, why in trained.left_out.items() if why.startswith("ignored")) or "none"
    rows = [
        (
            "meant for",
            "ranking the leads of the company whose history it learned from, so that sales calls the best first",
        ),
        (
            "not meant for",
            "prices, credit, jobs or anything else that a person has a right to; leads of another market",
        ),
        (
            "horizon",
            f"{trained.card.horizon_days} days" if trained.card.horizon_days else "none: the history has no dates",
        ),
        (
            "family",
            f"{trained.chosen.name}, {trained.chosen.weight:.0%} boosting, chosen on {trained.chosen.folds} folds",
        ),
        ("size", f"{len(trained.card.fields)} fields, {len(trained.card.pairs)} pairs"),
        ("kept by a person's word", kept),
        ("ignored by a person's word", ignored),
        (
            "software",
            f"leadrank {version('leadrank')}, scikit-learn {version('scikit-learn')}, numpy {version('numpy')}",
        ),
    ]
    return f"<h2>Model card</h2>{_table(('', ''), rows)}"
