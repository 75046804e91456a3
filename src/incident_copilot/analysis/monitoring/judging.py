"""What the verdicts of one look come to together: corrected for how many there are, and weak signals joined.

Seed 002's rule: a safety violation alerts at once; of other signals two of different kinds alert together, and one that
is weak is kept until another joins it. What is left over of trouble that has ended is no news: it takes a signal that
was not there then, or that went and came again, or a window of figures since.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from incident_copilot.analysis.monitoring import multiplicity
from incident_copilot.domain.incident_type import RESTRICTED
from incident_copilot.domain.observation import SignalKind, should_alert
from incident_copilot.domain.verdict import Outcome, Verdict

TOGETHER = "signals.together"
_ORDER = ("critical", "warning", "info")
_LOUD = {Outcome.FIRING, Outcome.WEAK}


def judged(
    verdicts: Sequence[Verdict], before: Mapping[str, Verdict], level: float, window: timedelta
) -> list[Verdict]:
    """Return the verdicts of one system as they stand, with one more where weak signals alert together.

    `before` are those of the look before, by key. What fires goes on firing while its effect is there, though a new
    window has not seen enough of it to be sure; then it ends.
    """
    corrected = _corrected(verdicts, level)
    lasting = [_lasting(now, raw, before.get(now.key)) for raw, now in zip(verdicts, corrected, strict=True)]
    stood = explained([_since(one, before) for one in lasting], before, window)
    if together := _together(stood):
        return [*stood, _since(together, before)]
    return explained([*stood, *_apart(stood, before)], before, window)


def explained(verdicts: Sequence[Verdict], before: Mapping[str, Verdict], window: timedelta) -> list[Verdict]:
    """Return the verdicts of a look, those weak ones explained that stood beside what fired until now.

    Where something still fires none is. A window later all that is looked at was told since, so they count again.
    """
    fired = {key for key, one in before.items() if one.outcome is Outcome.FIRING}
    over = [one for one in verdicts if one.key in fired and one.outcome is not Outcome.FIRING]
    if not over or _fires(verdicts):
        return [*verdicts]
    left = {one.key for one in verdicts if _is_left(one, before.get(one.key), over)}
    return [one.model_copy(update={"explained_until": one.at + window}) if one.key in left else one for one in verdicts]


def _is_left(now: Verdict, before: Verdict | None, over: Iterable[Verdict]) -> bool:
    was_there = before is not None and before.outcome in _LOUD
    return now.outcome is Outcome.WEAK and was_there and any(one.may_tell_of(now) for one in over)


def _fires(verdicts: Iterable[Verdict]) -> bool:
    return any(one.outcome is Outcome.FIRING for one in verdicts)


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
    lasts = {"since": earlier.since, "began": earlier.began, "explained_until": earlier.explained_until}
    return now.model_copy(update={**lasts, **known})


def _together(verdicts: Sequence[Verdict]) -> Verdict | None:
    """Return the verdict that weak signals of different kinds come to; None where too few, or where others fire.

    None too where all of them are left over of what has ended.
    """
    weak = sorted((one for one in verdicts if one.outcome is Outcome.WEAK), key=lambda one: _ORDER.index(one.severity))
    if not any(one.counts for one in weak) or _fires(verdicts) or not should_alert(_kinds(weak)):
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


def _apart(verdicts: Sequence[Verdict], before: Mapping[str, Verdict]) -> list[Verdict]:
    """Return that weak signals that alerted together do so no more; a gap in the figures ends nothing."""
    fired = [one for one in before.values() if one.metric == TOGETHER and one.outcome is Outcome.FIRING]
    told = {one.key for one in verdicts}
    silent = [one for key, one in before.items() if key not in told and one.outcome is Outcome.WEAK]
    still = [*silent, *(one for one in verdicts if one.outcome is Outcome.WEAK)]
    if not verdicts or should_alert(_kinds(still)):
        return []
    over = {"outcome": Outcome.FINE, "summary": "no weak signals of different kinds any more", "at": verdicts[0].at}
    return [_since(one.model_copy(update=over), before) for one in fired]


def _kinds(verdicts: Iterable[Verdict]) -> list[SignalKind]:
    return sorted({one.kind for one in verdicts})
