"""Hypothesis and Brief: likely causes with their evidence, and what people read first."""

from enum import StrEnum

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.evidence import EvidenceGap, Quote

NOT_ENOUGH_DATA = "not enough data"
"""The kind of the hypothesis that says that none can be named."""
NOTHING_WRONG = "nothing is wrong"
"""The kind of the hypothesis that there is nothing to find a cause of."""


class Statement(Frozen):
    """A sentence and the evidence it rests on; shown as fact only when `evidence_ids` is not empty.

    `quote` is what of it is words of others.
    """

    text: str
    evidence_ids: tuple[str, ...] = ()
    quote: Quote | None = None


class Phase(StrEnum):
    """The phases in which the cause of trouble with an AI system is looked for (seed 001)."""

    STATISTICAL = "statistical"
    COMPONENTS = "components"
    LINEAGE = "data lineage"
    MODEL = "model behaviour"
    ENVIRONMENT = "environment"


class PhaseFound(Frozen):
    """What one phase found, and what it could not look at and why; both empty: it looked, and all is as usual."""

    phase: Phase
    found: tuple[Statement, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What it found and could not look at, in one line."""
        told = "; ".join(one.text for one in self.found) or ("" if self.missing else "all is as usual")
        lacking = f"could not look: {'; '.join(self.missing)}" if self.missing else ""
        return ". ".join(filter(None, (told, lacking)))


class Verdict(StrEnum):
    """How a hypothesis stands."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    RULED_OUT = "ruled out"


class Hypothesis(Frozen):
    """One candidate cause; `confidence` is 0 to 1, `object` the thing to act on (a service, version or provider).

    `mechanism` says how it leads to the symptoms, `confirm` and `refute` what would settle it, `signature` by
    which rule it was proposed, if by one, and `record` how that has done in other incidents.
    """

    cause: str
    kind: str
    object: str | None = None
    verdict: Verdict
    confidence: float
    supporting: tuple[Statement, ...] = ()
    contradicting: tuple[Statement, ...] = ()
    next_check: str = ""
    change_id: str | None = None
    mechanism: str = ""
    confirm: str = ""
    refute: str = ""
    signature: str = ""
    record: str = ""

    @property
    def rule(self) -> str:
        """The name of the rule that proposed it."""
        return self.signature or self.kind


class Brief(Frozen):
    """What a tired person reads first: at most twelve lines, each with its evidence.

    `lines` are what is broken, since when, how bad, what changed; the first hypothesis is the suspect, the others are
    folded. `note` says what the brief could not use ("no model configured"), `news` what it says otherwise than the
    brief before. `worded` is a model's wording as far as evidence supports it, `struck` one line about the rest of it.
    `phases` are what each phase of looking into an AI system found.
    """

    incident_id: str
    as_of: Utc
    headline: str
    lines: tuple[Statement, ...]
    hypotheses: tuple[Hypothesis, ...] = ()
    first_step: Statement | None = None
    gaps: tuple[EvidenceGap, ...] = ()
    note: str = ""
    news: str = ""
    worded: tuple[Statement, ...] = ()
    struck: str = ""
    phases: tuple[PhaseFound, ...] = ()

    @property
    def wording(self) -> str | None:
        """What the model said, as far as it stands."""
        return " ".join(one.text for one in self.worded) or None

    @property
    def report(self) -> Quote | None:
        """The headline as the words of whoever reported what is broken; None in a brief without lines."""
        said = self.lines[0].quote if self.lines else None
        return Quote(by=said.by, text=self.headline) if said else None

    @property
    def suspect(self) -> Hypothesis | None:
        """The likeliest cause, or None when nothing stands out, nothing is wrong, or the data does not suffice."""
        first = next((h for h in self.hypotheses if h.verdict in (Verdict.LIKELY, Verdict.POSSIBLE)), None)
        return first if first and first.kind not in (NOT_ENOUGH_DATA, NOTHING_WRONG) else None

    @property
    def lacks_data(self) -> bool:
        """Whether the investigation says above all that it does not know enough."""
        return bool(self.hypotheses) and self.hypotheses[0].kind == NOT_ENOUGH_DATA

    @property
    def cause(self) -> str | None:
        """The suspect, and honestly how sure that is; None when nothing stands out."""
        if self.suspect is None:
            return None
        return f"{'Likely' if self.suspect.verdict is Verdict.LIKELY else 'Possible'} cause: {self.suspect.cause}"

    @property
    def notification(self) -> str:
        """One line for a phone: what, suspect, first step."""
        parts = [self.headline]
        if self.suspect:
            parts.append(f"Suspect: {self.suspect.cause}")
        if self.first_step:
            parts.append(f"First: {self.first_step.text}")
        return ". ".join(part.rstrip(".") for part in parts)
