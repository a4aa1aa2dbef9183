"""What a score is: fields, the scorecard, reasons, ranking. Pure: no network, no clock, no global state."""

from .errors import DamagedModel, LeadrankError, Refused, WrongUsage
from .fields import Field, Kind
from .grades import GradeCuts
from .score import LeadScorer, Reason, Scored
from .scorecard import BadScorecard, Head, Main, Pair, Scorecard, from_json, probability_of, to_json

__all__ = [
    "BadScorecard",
    "DamagedModel",
    "Field",
    "GradeCuts",
    "Head",
    "Kind",
    "LeadScorer",
    "LeadrankError",
    "Main",
    "Pair",
    "Reason",
    "Refused",
    "Scorecard",
    "Scored",
    "WrongUsage",
    "from_json",
    "probability_of",
    "to_json",
]
