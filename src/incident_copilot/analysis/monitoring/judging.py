"""What the verdicts of one look come to together: corrected for how many there are, and weak signals joined.

Seed 002's rule: a safety violation alerts at once; of other signals two of different kinds alert together, and one that
is weak is kept until another joins it.
"""

from collections.abc import Mapping, Sequence

from incident_copilot.analysis.monitoring import multiplicity
from incident_copilot.domain.incident_type import RESTRICTED
from incident_copilot.domain.observation import SignalKind, should_alert
from incident_copilot.domain.verdict import Outcome, Verdict

TOGETHER = "signals.together"
_ORDER = ("critical", "warning", "info")
_LOUD = {Outcome.FIRING, Outcome.WEAK}


def judged(verdicts: Sequence[Verdict], before: Mapping[str, Verdict], level: float) -> list[Verdict]:
    """Return the verdicts of one system as they stand, with one more where weak signals alert together.

    `before` are those of the look before, by key. What fires goes on firing while its effect is there, though a new
    window has not seen enough of it to be sure; then it ends.
    """
    corrected = _corrected(verdicts, level)
    lasting = [_lasting(now, raw, before.get(now.key)) for raw, now in zip(verdicts, corrected, strict=True)]
    stood = [_since(one, before) for one in lasting]
    together = _together(stood)
    return [*stood, _since(together, before)] if together else stood


def _corrected(verdicts: Sequence[Verdict], level: float) -> list[Verdict]:
    """Take back what does not hold where as many tests are made at once (Benjamini and Hochberg)."""
    tested = [one for one in verdicts if one.p is not None]
    adjusted = multiplicity.benjamini_hochberg([one.p or 0.0 for one in tested])
    chance = {one.key for one, p in zip(tested, adjusted, strict=True) if p > level and one.outcome in _LOUD}
    return [one.model_copy(update={"outcome": Outcome.FINE}) if one.key in chance else one for one in verdicts]


def _lasting(now: Verdict, raw: Verdict, before: Verdict | None) -> Verdict:
    is_over = raw.outcome is Outcome.FINE or (raw.outcome is Outcome.WEAK and raw.severity == "info")
    if before is None or before.outcome is not Outcome.FIRING or is_over:
        return now
    return now.model_copy(update={"outcome": Outcome.FIRING})


def _since(now: Verdict, before: Mapping[str, Verdict]) -> Verdict:
    """Note since when it is as it is; when it began is what was said first, as long as it lasts."""
    earlier = before.get(now.key)
    known = {"mended": earlier.mended} if earlier else {}
    if earlier is None or earlier.outcome is not now.outcome:
        return now.model_copy(update={"since": now.at, **known})
    return now.model_copy(update={"since": earlier.since, "began": earlier.began, **known})


def _together(verdicts: Sequence[Verdict]) -> Verdict | None:
    """Return the verdict that weak signals of different kinds come to; None where too few, or where others fire."""
    weak = sorted((one for one in verdicts if one.outcome is Outcome.WEAK), key=lambda one: _ORDER.index(one.severity))
    if not weak or any(one.outcome is Outcome.FIRING for one in verdicts):
        return None
    kinds: list[SignalKind] = sorted({one.kind for one in weak})
    if not should_alert(kinds):
        return None
    # What concerns security or fairness keeps its audience, whatever else it is joined with.
    told = next((one for one in weak if one.incident_type in RESTRICTED), weak[0])
    return Verdict(
        system=weak[0].system,
        monitor="signals",
        name="SignalsTogether",
        metric=TOGETHER,
        outcome=Outcome.FIRING,
        kind=told.kind,
        incident_type=told.incident_type,
        summary="; ".join(one.summary for one in weak[:5]),
        n=len(weak),
        at=weak[0].at,
    )
