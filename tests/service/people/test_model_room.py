"""The model room: all models, promises beside what happened, and who may change what serves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.retraining import Ended, note_down
from service.access import Role
from service.watching.promises import Kept, by, kept_cells, total_of
from tests.cards import living_card, small_card
from tests.service.conftest import NOON, Service, publish
from tests.service.samples import STRONG, WEAK

from .conftest import SignIn, keep, post

DAY = 86_400


def promises(service: Service, days: int = 90) -> dict[str, Kept]:
    now = int(service.clock().timestamp())
    with service.database.reading() as connection:
        found, _ = kept_cells(connection, now=now, horizon=days * DAY, since=now - 455 * DAY)
    return {kept.name: kept for kept in by(found, lambda cell: cell.grade)}


def won(service: Service, lead_id: str, after_days: float, **more: Any) -> None:
    at = (NOON + timedelta(days=after_days)).isoformat()
    event = {"event_id": f"{lead_id}-{after_days}", "lead_id": lead_id, "at": at, **more}
    assert service.http.post("/v1/outcomes", json={"outcome": "won"} | event).is_success


def test_promises_are_compared_with_what_happened_within_the_horizon(service: Service) -> None:
    for lead_id in ("early", "late", "never"):
        keep(service, lead_id, STRONG)
    keep(service, "weak", WEAK)
    chance = service.http.get("/v1/leads/early").json()["probability"]
    won(service, "early", 20)
    won(service, "late", 91)
    service.clock.now = NOON + timedelta(days=89)
    assert promises(service) == {}, "nobody knows yet"
    service.clock.now = NOON + timedelta(days=92)
    found = promises(service)
    assert (found["A"].leads, found["A"].bought) == (3, 1)
    assert found["A"].promised == pytest.approx(3 * chance)
    assert found["D"].bought == 0
    assert total_of(list(found.values())).leads == 4


def test_a_lead_counts_once_by_its_first_score(service: Service) -> None:
    keep(service, "a", STRONG)
    service.clock.wait(days=1)
    keep(service, "a", WEAK)
    service.clock.wait(days=100)
    assert {grade: kept.leads for grade, kept in promises(service).items()} == {"A": 1}


def test_a_purchase_that_was_taken_back_did_not_happen(service: Service) -> None:
    keep(service, "a", STRONG)
    said = {"event_id": "w", "lead_id": "a", "feedback": "won", "at": (NOON + timedelta(days=1)).isoformat()}
    service.http.post("/v1/feedback", json=said)
    service.clock.wait(days=100)
    assert promises(service)["A"].bought == 1
    back = {"event_id": "b", "lead_id": "a", "feedback": "withdrawn", "withdraws": "w", "at": "2026-03-04"}
    service.http.post("/v1/feedback", json=back)
    assert promises(service)["A"].bought == 0


def test_the_room_shows_all_models_and_lets_an_analyst_choose(service: Service, signed_in: SignIn) -> None:
    publish(service.shelf, living_card())
    service.champion.refresh()
    ana = signed_in("ana", Role.ANALYST)
    page = ana.get("/models").text
    assert page.index("<bdi>2</bdi>") < page.index("<bdi>1</bdi>")
    assert 'name="version" value="1"' in page
    assert post(ana, "/models/promote", {"version": "1"}).headers["location"] == "/models?serves=1"
    page = ana.get("/models?serves=1").text
    assert "Model <bdi>1</bdi> serves now." in page
    assert "Yes, go back to model <bdi>2</bdi>" in page
    assert "serves now" not in ana.get("/models?serves=2").text, "only what is so is said"
    assert service.champion.current().version == "1"
    assert post(ana, "/models/rollback", {"reason": ""}).status_code == 303
    assert service.champion.current().version == "2"
    page = ana.get("/models").text
    assert "by <bdi>ana</bdi>" in page
    assert "against the gate" not in page
    why = {"version": "1", "reason": "the <fair> is over"}
    assert post(ana, "/models/promote", why).status_code == 303
    assert post(ana, "/models/rollback", {"reason": "too early"}).status_code == 303
    page = ana.get("/models").text
    assert ">2 March 2026, 12:00 UTC</time>" in page
    assert "Model <bdi>1</bdi>, by <bdi>ana</bdi>: the &lt;fair&gt; is over" in page
    assert "Back to model <bdi>2</bdi>, by <bdi>ana</bdi>: too early" in page
    assert post(ana, "/models/promote", {"version": "1", "reason": "w" * 501}).status_code == 422
    assert [change.reason for change in service.shelf.history()][-2:] == ["the <fair> is over", "too early"]


def test_marketing_looks_and_does_not_choose_and_sales_does_not_look(service: Service, signed_in: SignIn) -> None:
    publish(service.shelf, living_card())
    mary = signed_in("mary", Role.MARKETING)
    assert "Let it serve" not in mary.get("/models").text
    assert post(mary, "/models/promote", {"version": "1"}).status_code == 403
    assert signed_in("sam").get("/models").status_code == 403


@pytest.mark.parametrize("version", ["", "99", "../1", "1/..", "\u0661"])
def test_a_model_that_is_not_there_is_said_so_and_the_old_one_serves(
    service: Service, signed_in: SignIn, version: str
) -> None:
    ana = signed_in("ana", Role.ANALYST)
    assert post(ana, "/models/promote", {"version": version}).status_code == 404
    assert service.champion.current().version == "1"


def test_a_report_has_its_own_style_and_can_run_nothing(service: Service, signed_in: SignIn) -> None:
    text = "<!doctype html><title>leadrank: report of a model</title><style>p { color: red }</style><main><p>words</p><script>1</script></main>"
    added = service.shelf.add(small_card(), about={}, at=NOON, attachments={"report.html": text.encode()})
    answer = signed_in("ana", Role.ANALYST).get(f"/models/{added.version}/report")
    start, end = text.replace("of a model", f"of model {added.version}").split("<main>")
    assert answer.text.startswith(f'{start}<main><nav aria-label="Models"><a href="/models">')
    assert answer.text.endswith(f"</nav>{end}")
    policy = answer.headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert "sandbox" in policy[0]
    assert "unsafe" not in policy[0]
    assert "script-src" not in policy[0]
    assert signed_in("bob", Role.ANALYST).get("/models/1/report").status_code == 404


def test_the_room_says_how_the_last_retraining_ended(service: Service, signed_in: SignIn) -> None:
    ana = signed_in("ana", Role.ANALYST)
    assert "last retraining" not in ana.get("/models").text
    note_down(service.shelf.folder, NOON, Ended.KEPT_OLD, model="2", why="the champion is better")
    page = ana.get("/models").text
    assert "2 March 2026, model <bdi>2</bdi>: the model before it serves on. The champion is better" in page


def test_an_edit_has_its_figures_before_and_after_and_who_overrode_the_gate_is_named(
    service: Service, signed_in: SignIn
) -> None:
    ends = {"value": -0.002, "low": -0.01, "high": 0.006}
    sides = {
        name: {"auc": auc, "log_loss": 0.31, "buyers_in_top_20pct": 0.525}
        for name, auc in (("before", 0.771), ("after", 0.769))
    }
    beside = {
        **{"source": "the service's own leads", "leads": 1200, "buyers": 140, **sides},
        **{"differences": dict.fromkeys(("auc", "log_loss", "buyers_in_top_20pct"), ends)},
        **{"grades_changed": 9, "regraded": {"A to B": 4, "B to A": 5}},
    }
    signed = {"parent": "1", "by": "user:ana", "at": NOON.isoformat(), "why": "a law"}
    points = {"field": "Lead source", "level": "<Referral>", "before": 5.9, "after": -9.5}
    signed |= {"veto": ["Campaign"], "allow": ["Region"], "points": [points]}
    gate = {"decision": "keep", "reasons": ["behind model 1"]}
    about = {"edited": signed, "beside": beside, "gate": gate}
    made = service.shelf.add(small_card(), about=about, at=NOON).version
    bare = service.shelf.add(small_card(), about={"edited": signed}, at=NOON).version
    ana = signed_in("ana", Role.ANALYST)
    for path in ("/models", f"/models/{made}/tables"):
        page = ana.get(path).text
        assert "on the same 1,200 leads (the service&#39;s own leads), 140 of them buyers" in page
        assert '<td class="number" data-label="Before">0.771</td>' in page
        assert '<td class="number" data-label="Difference">\u22120.2 %</td>' in page
        assert "9 of these leads change their grade: 4 from A to B, 5 from B to A." in page
        assert "edited by <bdi>ana</bdi> on 2 March 2026: a law" in page
        assert "<li><bdi>Campaign</bdi>: left out</li>" in page
        assert "<li><bdi>Region</bdi>: let in again, from the next training on</li>" in page
        assert "<bdi>Lead source</bdi>: <bdi>&lt;Referral&gt;</bdi>: +5.9 to \u22129.5 points</li>" in page
    assert "It was not judged" in ana.get(f"/models/{bare}/tables").text
    post(ana, "/models/promote", {"version": made})
    assert "against the gate, which said keep, as edited: a law" in ana.get("/models").text
