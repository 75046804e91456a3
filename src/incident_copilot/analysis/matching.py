"""Proposes the causes whose signatures fit what was found, and says which of them another one explains."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from incident_copilot.analysis.findings import Cause, Findings, Part, Statement
from incident_copilot.analysis.signals import resource_of
from incident_copilot.analysis.signatures import SIGNATURES, Signature
from incident_copilot.analysis.signs import Seen, quoted, seen, waits_for

LISTED = 0.4
"""How much of a signature has to be seen for its cause to be named."""
_HIGHEST = 0.85
_LEAST_DOUBT = 0.2
_SURE = 0.5
_HISTORY = 0.1
_FOLLOWS = 0.3
_WAITS_FOR = {"CPU": "cpu", "disk": "io:"}
"""What statements wait for that use up a resource."""


_SHARPENED = ("saturation", "dependency")


@dataclass(frozen=True)
class Match:
    """A signature whose signs are seen, and how much of it."""

    signature: Signature
    strength: float
    seen: tuple[Seen, ...]
    against: tuple[Seen, ...]

    @property
    def is_over(self) -> bool:
        """Whether all that tells of it is history."""
        return all(one.is_over for one in self.seen)

    @property
    def sureness(self) -> float:
        """How likely it is the cause by itself: what is history hardly is."""
        return self.signature.precision * self.strength * (_HISTORY if self.is_over else 1.0)

    @property
    def service(self) -> str:
        """The service that most signs are about."""
        return Counter(one.service for one in self.seen).most_common(1)[0][0]


def matches(findings: Findings) -> list[Match]:
    """Return the signatures of which enough is seen; of those for one resource of one service only the surest."""
    found = [match for signature in SIGNATURES if (match := _match(signature, findings)).strength >= LISTED]
    surest: dict[tuple[str, str], Match] = {}
    for match in sorted(found, key=lambda one: -one.sureness):
        surest.setdefault((match.service, match.signature.resource or match.signature.id), match)
    return list(surest.values())


def _match(signature: Signature, findings: Findings) -> Match:
    found = [(sign, places) for sign in signature.signs if (places := seen(sign, findings))]
    fresh = [(sign, places) for sign, places in found if any(not one.is_over for one in places)]
    doubts = [(sign, places) for sign in signature.against if (places := seen(sign, findings))]
    strength = sum(sign.weight for sign, _ in (fresh or found))
    doubt = sum(sign.weight for sign, _ in doubts)
    places = [one for _, places in found for one in places]
    return Match(
        signature=signature,
        strength=min(1.0, strength) * max(_LEAST_DOUBT, 1 - doubt) if doubt < strength else 0.0,
        seen=tuple({one.statement: one for one in places}.values()),
        against=tuple(one for _, places in doubts for one in places),
    )


def signed(findings: Findings) -> Iterator[Cause]:
    """Yield one cause for each signature that fits; what another one explains is weaker and says so."""
    found = matches(findings)
    for match in found:
        by = [one for one in found if match.signature.id in one.signature.explains and not one.is_over]
        root = max(by, key=lambda one: one.strength * one.signature.precision, default=None)
        yield _cause(match, root, found, findings)


def sharpened(causes: Sequence[Cause], named: Sequence[Cause]) -> list[Cause]:
    """Return all causes, where a signature and a general rule that name the same trouble become one.

    The general cause of the same service takes the signature's mechanism, tests and evidence; a signature that says no
    more than what another cause is surer of is left out.
    """
    result = list(causes)
    for one in named:
        rivals = [place for place, cause in enumerate(result[: len(causes)]) if shares_evidence(one, cause)]
        same = next((at for at in rivals if _is_same_trouble(result[at], one)), None)
        if same is not None:
            result[same] = _named(result[same], one)
        elif all(result[at].confidence < one.confidence for at in rivals):
            result.append(one)
    return result


def _named(cause: Cause, named: Cause) -> Cause:
    """Return the general cause in the signature's terms, with the evidence of both; the surer of the two counts."""
    own = {key for statement in cause.supporting for key in statement.keys}
    more = [one for one in named.supporting if not own.issuperset(one.keys)]
    return replace(
        cause,
        title=named.title if named.confidence > cause.confidence else cause.title,
        mechanism=named.mechanism,
        confidence=max(cause.confidence, named.confidence),
        supporting=(*cause.supporting, *more),
        contradicting=(*cause.contradicting, *named.contradicting),
        confirm=named.confirm,
        refute=named.refute,
        signature=named.signature,
    )


def together(causes: Sequence[Cause]) -> list[Cause]:
    """Return the causes, where two limits of one service that are hit at once, each by other work, name each other."""
    limits = [one for one in causes if one.signature and one.kind == "saturation" and one.confidence >= _SURE]
    told = []
    for cause in causes:
        other = [one for one in limits if cause in limits and one is not cause and one.subject == cause.subject]
        more = f" Two limits are hit at once, each by other work: also {other[0].title}." if other else ""
        told.append(replace(cause, mechanism=cause.mechanism + more))
    return told


def shares_evidence(a: Cause, b: Cause) -> bool:
    """Return whether two causes rest on the same evidence in some part."""
    first, second = ({key for statement in one.supporting for key in statement.keys} for one in (a, b))
    return not first.isdisjoint(second)


def _is_same_trouble(cause: Cause, named: Cause) -> bool:
    return cause.kind in _SHARPENED and (cause.kind, cause.subject, cause.signature) == (named.kind, named.subject, "")


def _cause(match: Match, root: Match | None, found: Sequence[Match], findings: Findings) -> Cause:
    signature, service = match.signature, match.service
    fresh = [one.statement for one in match.seen if not one.is_over]
    against = [one.statement for one in match.against]
    if match.is_over:
        against.append(Statement("all of it was over before the onset", match.seen[0].statement.keys))
    if root is not None:
        told = f"it follows from this: {root.signature.title.format(service=root.service)}"
        against.append(Statement(told, root.seen[0].statement.keys))
    consequences = [one for one in found if one.signature.id in signature.explains] if root is None else []
    more = [*_beside(match, findings), *_resumed(match, findings)] if fresh else []
    return Cause(
        kind=signature.kind,
        subject=service,
        title=signature.title.format(service=service),
        mechanism=signature.mechanism.format(service=service) + _consequences(consequences),
        confidence=min(_HIGHEST, match.sureness * (_FOLLOWS if root is not None else 1.0)),
        verdict="possible",
        supporting=tuple([*fresh, *more] or [one.statement for one in match.seen]),
        contradicting=tuple(against),
        next_check=signature.next_check.format(service=service),
        confirm=signature.confirm.format(service=service),
        refute=signature.refute.format(service=service),
        signature=signature.id,
        follows=root is not None,
    )


def _consequences(explained: Sequence[Match]) -> str:
    """Return which other trouble follows from the cause."""
    what = dict.fromkeys(one.signature.resource for one in explained if one.signature.resource)
    return f" What is seen of {' and '.join(what)} follows from it." if what else ""


def _resumed(match: Match, findings: Findings) -> Iterator[Statement]:
    """Yield that a passing cause is over, where what it interrupted is back."""
    back = {key: one for key, one in findings.readings.items() if one.returned and one.service == match.service}
    if match.signature.passing and back:
        told = "; ".join(one.text for one in list(back.values())[:3])
        yield Statement(f"it is over, and what it cut off is back: {told}", tuple(back))


def _beside(match: Match, findings: Findings) -> Iterator[Statement]:
    """Yield what moved at the same time by other work than this cause's, so that nobody takes it for the cause."""
    own = {key for one in match.seen for key in one.statement.keys}
    work = [one.part for one in match.seen if one.part is not None and one.part.by == "statement"]
    for key, reading in findings.readings.items():
        wait = _WAITS_FOR.get(resource_of(reading.name), "")
        if key in own or not (wait and work) or reading.moved != "up" or reading.full:
            continue
        for part_key, part in _other_work(wait, work, findings):
            told = f'{reading.text} by other work ("{quoted(part)}"), which is causally independent of this'
            yield Statement(told, (key, part_key))


def _other_work(wait: str, work: Sequence[Part], findings: Findings) -> list[tuple[str, Part]]:
    """Return the largest other statement that mostly waits for a resource, where this cause's own do not."""
    if any(waits_for(part).lower().startswith(wait) for part in work):
        return []
    return [
        (key, part)
        for key, parts in findings.parts.items()
        for part in sorted(parts, key=lambda one: -one.value)
        if part.by == "statement" and part not in work and waits_for(part).lower().startswith(wait)
    ][:1]
