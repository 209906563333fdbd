"""What a partner's token may be allowed to do."""

from __future__ import annotations

from collections.abc import Mapping

SCOPES: Mapping[str, str] = {
    "loss:report": "report a card lost, by any channel of the region",
    "loss:confirm": "confirm a report as staff (the token's role counts)",
    "loss:withdraw": "take a provisional report back",
    "loss:freeze": "freeze and unfreeze for a holder the partner has proved",
    "issue:apply": "apply for a replacement, alone or with the formal loss",
    "issue:fee": "take the fee",
    "factory": "say that a card was made or put in stock",
    "issue:collect": "hand a card over",
    "issue:activate": "activate a card for its holder",
    "issue:withdraw": "take an application back",
    "document:issue": "issue verifiable papers: a bank its slips, an employer its letters",
    "document:stamp": "stamp letters",
    "receipt:read": "see what a receipt stands for, masked",
    "card:standing": "ask how a card stood at an instant",
    "card:use": "use a card at the partner's place",
    "hotlist:read": "fetch the list of stopped cards",
    "proof": "send a code to the registered telephone and check it",
    "account:balance": "see the balance of a person's individual account",
    "account:statement": "see and issue the statement of a person's individual account",
    "account:question": "open a holder's question about a transaction, and see its answer",
    "approval:sign": "sign acts of two people; only a token that is one person's own",
}
"""Scope -> what it allows; a token acts only in its regions and for what it is bound to."""
