"""Tells which causes another cause already explains, so that a fault and its consequences are not rivals."""

from collections.abc import Mapping, Sequence

from incident_copilot.analysis.findings import Cause, Findings
from incident_copilot.analysis.matching import shares_evidence
from incident_copilot.analysis.topology import upstream_of

_ROOTS = ("saturation", "dependency", "external provider", "infrastructure", "configuration", "defect")
_OURS = ("saturation", "infrastructure", "configuration", "defect")
_CONVINCING = 0.3


def explanations(causes: Sequence[Cause], culprit: Cause | None, findings: Findings) -> dict[int, Cause]:
    """Return, by the place of a cause in `causes`, what explains it.

    A likely change explains trouble in the service it touched and in those that depend on it, and what rests on the
    message that its diff is about; a dependency's trouble explains its callers'; a signature explains what a general
    rule makes of the same evidence; a resource that ran out explains that its service fails; more traffic explains a
    resource that ran out where the traffic arrives.
    """
    found: dict[int, Cause] = {}
    for place, cause in enumerate(causes):
        if culprit is not None and _is_done_by(culprit, cause, findings):
            found[place] = culprit
            continue
        explaining = [other for other in causes if other is not cause and _explains(other, cause, findings)]
        if explaining:
            found[place] = max(explaining, key=lambda other: other.confidence)
    return {place: by for place, by in found.items() if not _explain_each_other(causes, place, found, findings)}


def _is_done_by(change: Cause, cause: Cause, findings: Findings) -> bool:
    if _is_below(cause, findings.changes[change.subject].change.service, findings):
        return True
    return cause.kind in _OURS and shares_evidence(change, cause)


def _explain_each_other(causes: Sequence[Cause], place: int, found: Mapping[int, Cause], findings: Findings) -> bool:
    """Return whether a cause explains its own explanation and is the one that stands: the deeper or the surer one."""
    cause, by = causes[place], found[place]
    back = next((found.get(at) for at, other in enumerate(causes) if other is by), None)
    if back is not cause:
        return False
    if cause.subject != by.subject:
        return _is_below(by, cause.subject, findings)
    return cause.confidence > by.confidence


def _explains(root: Cause, cause: Cause, findings: Findings) -> bool:
    if root.kind == "traffic":
        return cause.kind == "saturation" and any(
            one.service == cause.subject for key, one in findings.series.items() if key in _keys(root)
        )
    if root.kind not in _ROOTS or root.confidence < _CONVINCING:
        return False
    if _is_named_better(root, cause):
        return True
    if root.subject.lower() == cause.subject.lower():
        return cause.kind == "dependency" and root.kind != "dependency"
    return _is_below(cause, root.subject, findings)


def _is_named_better(root: Cause, cause: Cause) -> bool:
    """Return whether a signature says more surely what a general rule makes of the same evidence."""
    return (
        bool(root.signature)
        and not cause.signature
        and cause.kind in ("saturation", "dependency")
        and root.confidence > cause.confidence
        and shares_evidence(root, cause)
    )


def _is_below(cause: Cause, service: str, findings: Findings) -> bool:
    """Return whether a cause is trouble of `service` itself or of what depends on it, and not of what it needs."""
    if cause.kind not in _ROOTS:
        return False
    if cause.subject == service:
        return True
    graph = findings.depends_on
    return service in upstream_of(graph, cause.subject) and cause.subject not in upstream_of(graph, service)


def _keys(cause: Cause) -> set[str]:
    return {key for statement in cause.supporting for key in statement.keys}
