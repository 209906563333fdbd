"""A small library for hospital and pharmacy software that settles with the insurance platform.

Each call is written to a file of its own before it leaves, and ends in exactly one of ``Success``,
``Refused`` and ``Unknown``; ``repair`` clears up the unknown ones. See docs/client.md.
"""

from minka.client.bill import Account, Bill, By, Credential, Purchase
from minka.client.book import Cause, DayBook, Difference, Line
from minka.client.carrier import Carrier, HttpCarrier, LibraryCarrier
from minka.client.client import Client
from minka.client.figures import Settled, settled
from minka.client.identity import Identity
from minka.client.judge import Asked, Carried, judge
from minka.client.log import OutboundLog, State
from minka.client.messenger import REVERSIBLE, Call
from minka.client.outcome import Outcome, Refused, Success, Unknown, Why
from minka.client.site import Ask, Hex, Seal, Site

__all__ = [
    "REVERSIBLE",
    "Account",
    "Ask",
    "Asked",
    "Bill",
    "By",
    "Call",
    "Carried",
    "Carrier",
    "Cause",
    "Client",
    "Credential",
    "DayBook",
    "Difference",
    "Hex",
    "HttpCarrier",
    "Identity",
    "LibraryCarrier",
    "Line",
    "OutboundLog",
    "Outcome",
    "Purchase",
    "Refused",
    "Seal",
    "Settled",
    "Site",
    "State",
    "Success",
    "Unknown",
    "Why",
    "judge",
    "settled",
]  # fmt: skip
