"""Who asks for scores and who sees them: the HTTP service, the page for sales, their database."""

from .app import create_app
from .settings import Limits, Settings

__all__ = ["Limits", "Settings", "create_app"]
