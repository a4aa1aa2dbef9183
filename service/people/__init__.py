"""Pages for people: who to call next, one lead, all leads; and the door through which they come in."""

from __future__ import annotations

from fastapi import FastAPI

from models import Shelf
from service.bare import Routes
from service.champion import Champion
from service.database import Database
from service.handover.team import Team
from service.moments import Clock
from service.openid.configured import OpenId
from service.settings import Limits
from service.targets.answering import Answering

from .account_page import AccountPage
from .handover_page import HandoverPage
from .handover_plan import Plans
from .model_room import ModelRoom
from .nurture_page import NurturePages
from .openid_door import OpenIdDoor
from .override_page import OverridePage
from .ranked_page import RankedPage
from .sales_pages import SalesPages
from .say import Say
from .scorecard_page import ScorecardPage
from .sign_in import SignIn
from .target_page import TargetPage

__all__ = ["people_routes"]


def people_routes(
    app: FastAPI,
    database: Database,
    shelf: Shelf,
    champion: Champion,
    clock: Clock,
    limits: Limits,
    team: Team,
    openid: OpenId | None,
) -> tuple[Routes, ...]:
    """The routes of all pages. app: has the guard, the sessions, the edits and the answers to targets in its state."""
    answering: Answering = app.state.answering
    plans = Plans()
    return (
        SignIn(app.state.guard, app.state.sessions, limits, openid=openid is not None),
        OpenIdDoor(openid, app.state.guard, app.state.sessions, database, clock),
        SalesPages(database, champion, clock, team),
        HandoverPage(database, clock, team=team, plans=plans),
        NurturePages(database, champion, clock, limits, team=team, plans=plans),
        Say(database, champion, clock, limits),
        OverridePage(database, clock, limits),
        RankedPage(database, champion, clock, limits),
        AccountPage(database, champion, clock),
        TargetPage(answering, limits),
        ModelRoom(database, shelf, champion, clock, limits),
        ScorecardPage(shelf, app.state.edits, limits),
    )
