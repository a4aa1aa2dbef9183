"""Pages for people: who to call next, one lead, all leads; and the door through which they come in."""

from __future__ import annotations

from fastapi import FastAPI

from models import Shelf
from service.champion import Champion
from service.database import Database
from service.handover.team import Team
from service.moments import Clock
from service.openid.configured import OpenId
from service.settings import Limits

from .account_page import AccountPage
from .handover_page import HandoverPages
from .model_room import ModelRoom
from .openid_door import OpenIdDoor
from .ranked_page import RankedPage
from .sales_pages import SalesPages
from .say import Say
from .sign_in import SignIn

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
) -> tuple[SignIn | OpenIdDoor | RankedPage | SalesPages | Say | AccountPage | ModelRoom | HandoverPages, ...]:
    """The routes of all pages. app: has the guard and the sessions in its state."""
    return (
        SignIn(app.state.guard, app.state.sessions, limits, openid=openid is not None),
        OpenIdDoor(openid, app.state.guard, app.state.sessions, database, clock),
        SalesPages(database, champion, clock, team),
        HandoverPages(database, champion, clock, limits, team),
        Say(database, champion, clock, limits),
        RankedPage(database, limits),
        AccountPage(database, champion, clock),
        ModelRoom(database, shelf, champion, clock, limits),
    )
