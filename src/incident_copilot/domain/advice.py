"""Advice: who is behind a suggestion (a rule, a runbook, a specialist, a kind of draft), and what came of it."""

from enum import StrEnum

from incident_copilot.domain.base import Frozen, Utc


class Came(StrEnum):
    """What came of one suggestion; `taken` where nobody measured whether it helped."""

    WORKED = "worked"
    DID_NOT = "did not help"
    TAKEN = "taken"
    EDITED = "edited"
    REJECTED = "rejected"


class Trial(Frozen):
    """One suggestion of one adviser, and what came of it."""

    came: Came
    at: Utc


def rule(name: str) -> str:
    """Return the adviser that a rule is: the signature or kind of a cause, or an entry of actions.yaml."""
    return f"rule:{name}"[:200]


def runbook(runbook_id: str) -> str:
    """Return the adviser that a runbook is."""
    return f"runbook:{runbook_id}"[:200]


def specialist(name: str) -> str:
    """Return the adviser that a specialist of the model is."""
    return f"specialist:{name}"[:200]


def draft(audience: str) -> str:
    """Return the adviser that drafts updates for an audience."""
    return f"draft:{audience}"[:200]


def in_words(adviser: str) -> str:
    """Return an adviser as people read it."""
    kind, _, name = adviser.partition(":")
    return {"draft": f"drafts for {name}"}.get(kind, f"{kind} {name}")
