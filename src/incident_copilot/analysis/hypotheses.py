"""Weighs everything found into causes, with what speaks for and against each and what would settle it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from incident_copilot.analysis.calibrating import calibrated
from incident_copilot.analysis.calm import nothing_wrong
from incident_copilot.analysis.candidates import CANDIDATES
from incident_copilot.analysis.changes import RankedChange, Verdict
from incident_copilot.analysis.doubts import doubted, seen_after_all
from incident_copilot.analysis.explaining import explanations
from incident_copilot.analysis.findings import Cause, Findings, Statement
from incident_copilot.analysis.matching import sharpened, signed, together
from incident_copilot.analysis.ranking import ODD

_HIGHEST = 0.85  # no evidence of this kind is more certain than that
_HIGHEST_POSSIBLE = 0.4
_LIKELY, _POSSIBLE = 0.5, 0.1
JUST_POSSIBLE = 0.49
_BY_TEXT = ("text_overlap", "same_field")
_BEHIND = 0.55
_UNCALLED_FOR = 0.5  # of a cause, where there is nothing to explain
_BY_CHANCE = 0.5  # of a change that only went out about then, as most do that are no cause
_UNLIKELY_SHOWN = 3  # changes that do not fit and are named all the same, because people will ask about them


def weigh(findings: Findings) -> list[Cause]:
    """Return the causes, best first, then changes that do not fit, those that are excluded last; never an empty list.

    Confidence is conservative: it is a cause's own strength, reduced by what competes with it. What another cause
    already explains is listed, weaker, but not as its rival.
    """
    general = [cause for propose in CANDIDATES for cause in propose(findings)]
    others = [doubted(cause, findings) for cause in sharpened(general, list(signed(findings)))]
    others = [_trusted(cause, findings) for cause in others]
    blamed = (_behind(_carrying(cause, findings), others, findings) for cause in _changes(findings))
    changes = [_trusted(cause, findings) for cause in blamed]
    fitting = [cause for cause in changes if cause.verdict in ("likely", "possible")]
    culprit = max((one for one in fitting if one.verdict == "likely"), key=lambda one: one.confidence, default=None)
    explained = explanations(others, culprit, findings)
    standing = [cause for place, cause in enumerate(others) if place not in explained and not cause.follows]
    standing = [*fitting, *together(standing)]
    weaker = [_explained(others[place], by, findings) for place, by in explained.items()]
    weaker += [cause for place, cause in enumerate(others) if cause.follows and place not in explained]
    calm = list(nothing_wrong(findings)) if culprit is None else []
    if calm:
        standing = [replace(cause, confidence=cause.confidence * _UNCALLED_FOR) for cause in standing]
    told = [*weaker, *calm, *(_no_change(findings, [*standing, *weaker]) if not calm else ())]
    told += _not_enough(findings, [*standing, *weaker, *calm])
    weighed = _against_one_another(standing, told)
    return weighed + [cause for cause in changes if cause not in fitting]


def _trusted(cause: Cause, findings: Findings) -> Cause:
    """Return a cause as likely as its rule deserves by how it has done in other incidents."""
    known = findings.trust.get(cause.rule)
    if known is None or not known.why:
        return cause
    return replace(cause, confidence=min(_HIGHEST, cause.confidence * known.factor), record=known.why)


def _changes(findings: Findings) -> Iterator[Cause]:
    """Yield the changes that may be the cause, those nearest in time that do not fit, and those that are excluded."""
    unlikely = [key for key, ranked in findings.changes.items() if ranked.verdict == "unlikely"]
    near = sorted(unlikely, key=lambda key: abs(findings.changes[key].lag_s))[:_UNLIKELY_SHOWN]
    for key, ranked in findings.changes.items():
        if ranked.verdict != "unlikely" or key in near or key in findings.undone:
            yield _change(key, ranked, findings)


def _behind(change: Cause, others: Sequence[Cause], findings: Findings) -> Cause:
    """Return a change as likely where the surest other cause rests on the very message that its diff is about.

    That cause then only says how the change works: a container is killed for its memory after a change of a cache.
    """
    ranked = findings.changes[change.subject]
    surest = max(others, key=lambda one: one.confidence, default=None)
    if surest is None or change.verdict != "possible" or not ranked.is_shortly_before or not change.confidence:
        return change
    told = {key for statement in change.supporting for key in statement.keys} - {change.subject}
    rests_on = {key for statement in surest.supporting for key in statement.keys}
    if told.isdisjoint(rests_on):
        return change
    return replace(change, verdict="likely", confidence=max(change.confidence, _BEHIND))


def _carrying(change: Cause, findings: Findings) -> Cause:
    """Return a change as likely where the requests that its version answered carry the loss, and it went out then."""
    ranked = findings.changes[change.subject]
    carries = ranked.change.version in findings.carried
    if not carries or change.verdict != "possible" or not ranked.is_shortly_before or not change.confidence:
        return change
    return replace(change, verdict="likely", confidence=max(change.confidence, _BEHIND))


def _change(key: str, ranked: RankedChange, findings: Findings) -> Cause:
    name, service = ranked.change.name, ranked.change.service
    what = f" ({', '.join(ranked.settings)})" if ranked.settings else ""
    undone = findings.undone.get(key)
    verdict: Verdict = "excluded" if undone else ranked.verdict
    against = _statements(key, ranked, findings, supports=False)
    return Cause(
        kind="change",
        subject=key,
        title=f"{name}{what}",
        mechanism=_mechanism(ranked, findings.service),
        confidence=_strength_of_change(ranked, findings) if verdict in ("likely", "possible") else 0.0,
        verdict=verdict,
        supporting=(*_statements(key, ranked, findings, supports=True), *_set_apart(key, ranked, findings)),
        contradicting=(undone, *against) if undone else against,
        next_check=f"Compare instances of {service} with and without {name}, and read its diff{what}.",
        confirm=f"Instances without {name} are healthy, or rolling it back ends the symptoms.",
        refute=f"Instances without {name} fail as well, or the symptoms stay after it is rolled back.",
    )


def _mechanism(ranked: RankedChange, service: str) -> str:
    changed = ranked.change.service
    through = "" if changed == service else f", and {service} feels it through {changed}"
    moved = f"It set {', '.join(ranked.settings)} in {changed}" if ranked.settings else f"It changed {changed}"
    return f"{moved}{through}."


def _strength_of_change(ranked: RankedChange, findings: Findings) -> float:
    """Return the change's score, a little more where its service itself shows trouble, capped by its verdict."""
    service = ranked.change.service
    odd = any(one.service == service and one.score >= ODD for one in findings.series.values())
    complains = any(one.service == service and one.severe for one in findings.templates.values())
    highest = _HIGHEST if ranked.verdict == "likely" else _HIGHEST_POSSIBLE
    version = ranked.change.version
    apart = version in findings.carried or any(one.value == version for one in findings.contrasts)
    return min(highest, ranked.score + 0.08 * (odd + complains + apart))


def _statements(key: str, ranked: RankedChange, findings: Findings, *, supports: bool) -> tuple[Statement, ...]:
    """Return the reasons for or against a change; one that quotes a symptom rests on that too."""
    said = {at: one.headline for at, one in findings.templates.items()}
    said |= {at: one.text for at, one in findings.events.items()}
    said |= {at: one.name for at, one in findings.series.items()}
    messages = tuple(at for at, text in said.items() if text == ranked.symptom_text)
    return tuple(
        Statement(reason.text, (key, *messages) if reason.code in _BY_TEXT else (key,))
        for reason in ranked.reasons
        if reason.supports == supports
    )


def _set_apart(key: str, ranked: RankedChange, findings: Findings) -> tuple[Statement, ...]:
    """Return what shows that only what runs the changed version is affected."""
    version = ranked.change.version
    said = [Statement(one.reason, (key, *one.keys)) for one in findings.contrasts if one.value == version]
    if version in findings.carried:
        carried = findings.carried[version]
        said.append(Statement(carried.text, (key, *carried.keys)))
    return tuple(said)


def _explained(cause: Cause, by: Cause, findings: Findings) -> Cause:
    """Return `cause` weakened, because another cause explains it."""
    keys = (by.subject,) if by.subject in findings.changes else by.supporting[0].keys
    because = Statement(f"{by.title} explains it", keys)
    return replace(cause, confidence=cause.confidence * 0.5, contradicting=(*cause.contradicting, because))


def _no_change(findings: Findings, competing: list[Cause]) -> Iterator[Cause]:
    """Yield "no change explains this" where changes were looked at and none convinces."""
    if not findings.changes_known:
        return
    best = max((_telling(cause, findings) for cause in competing if cause.kind == "change"), default=0.0)
    other = max((cause.confidence for cause in competing if cause.kind != "change"), default=0.0)
    reasons = tuple(
        Statement(f"{ranked.change.name}: {against}", (key,))
        for key, ranked in findings.changes.items()
        if (against := next((reason.text for reason in ranked.reasons if not reason.supports), None))
    )
    count = len(findings.changes)
    looked = f"{count} change{'s' * (count > 1)} looked at" if count else "no change went out"
    yield Cause(
        kind="no change explains this",
        subject=findings.service,
        title="no change explains this",
        mechanism="Something other than a change of ours began at the onset.",
        confidence=0.45 * (1 - best) * (1 - other),
        verdict="possible",
        supporting=(Statement(f"{looked} around the onset", (findings.alert, *findings.changes)), *reasons),
        contradicting=tuple(
            Statement(f"{cause.title} may explain it", (cause.subject,))
            for cause in competing
            if cause.kind == "change"
        ),
        next_check="Look for what is not deployed: data, certificates, limits, schedules, hardware, other teams.",
        confirm="The symptoms stay when the latest changes are rolled back.",
        refute="A change turns up that is not recorded here.",
    )


def _telling(change: Cause, findings: Findings) -> float:
    """Return how much a change explains: little where nothing but its time and place speaks for it."""
    ranked = findings.changes[change.subject]
    fits = bool(ranked.shared) or any(reason.code == "same_field" for reason in ranked.reasons)
    return change.confidence * (1.0 if fits else _BY_CHANCE)


def _not_enough(findings: Findings, competing: list[Cause]) -> Iterator[Cause]:
    """Yield "not enough data" where nothing was found to reason from, or sources did not answer."""
    telling = sum(one.score >= ODD for one in findings.series.values()) + len(findings.templates)
    found = any(cause.kind != "no change explains this" for cause in competing)
    if found and not findings.gaps:
        return
    missing = tuple(Statement(text, (key,)) for key, text in findings.gaps.items())
    nothing = Statement("no series left its normal range and no message is new", (findings.alert,))
    strength = 0.1 if found else 0.3 if telling else 0.65
    yield Cause(
        kind="not enough data",
        subject=findings.service,
        title="not enough data to name a cause",
        mechanism="What would show the cause was not measured, or the source did not answer.",
        confidence=min(0.8, strength + 0.05 * len(missing)),
        verdict="possible",
        supporting=missing if telling else (*missing, nothing),
        contradicting=seen_after_all(findings),
        next_check="Ask the sources that did not answer again, and look at the alerting service directly.",
        confirm="The missing sources show something that is not listed here.",
        refute="The missing sources answer and show nothing new.",
    )


def _against_one_another(rivals: list[Cause], others: list[Cause]) -> list[Cause]:
    """Return all causes, strongest first, each reduced by its strongest rival, and how often such a one is right.

    Only `rivals` compete.
    """
    best = max((cause.confidence for cause in (*rivals, *others)), default=0.0)
    ordered = sorted([*rivals, *others], key=lambda cause: (-cause.confidence, cause.kind, cause.title))
    weighed = []
    for place, cause in enumerate(ordered):
        strongest = max((one.confidence for one in rivals if one is not cause), default=0.0)
        strength = cause.confidence * (1 - (0.6 * best if place else 0.3 * strongest))
        confidence = round(min(_supported(cause), calibrated(strength)), 3)
        weighed.append(replace(cause, confidence=confidence, verdict=_verdict(confidence)))
    return weighed


def _supported(cause: Cause) -> float:
    """Return what the evidence supports at most.

    That there is nothing is never likely, as what is not measured may be wrong; nor is a change by its time and place.
    """
    is_absence = cause.kind in ("nothing is wrong", "no change explains this")
    is_bare = cause.kind == "change" and cause.verdict == "possible"
    return JUST_POSSIBLE if is_absence or is_bare else 1.0


def _verdict(confidence: float) -> Verdict:
    return "likely" if confidence >= _LIKELY else "possible" if confidence >= _POSSIBLE else "unlikely"
