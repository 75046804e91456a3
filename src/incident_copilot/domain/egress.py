"""Egress: what left for a language model, as the ledger keeps it."""

from incident_copilot.domain.base import Frozen, Utc


class Egress(Frozen):
    """One text that was sent: where to, how long, its SHA-256, and what was hidden in it, by kind.

    `sentences` and `struck` say how many the model answered and how many code struck; None until it answered.
    """

    id: str
    at: Utc
    endpoint: str
    purpose: str
    prompt: str
    characters: int
    digest: str
    hidden: dict[str, int]
    model: str | None = None
    sentences: int | None = None
    struck: int | None = None
