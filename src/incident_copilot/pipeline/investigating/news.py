"""What a brief says otherwise than the one before it, for people who have read that one."""

from incident_copilot.domain.hypothesis import Brief, Hypothesis


def names_other_cause(before: Brief, after: Brief) -> bool:
    """Whether another cause is suspected, or none any more."""
    return _identity(before.suspect) != _identity(after.suspect)


def news(before: Brief | None, after: Brief) -> str:
    """Return what changed, or an empty text: who answered late, and which cause is suspected instead."""
    if before is None:
        return ""
    return " ".join([*_late(before, after), *_other_cause(before, after)])


def _late(before: Brief, after: Brief) -> list[str]:
    missing = {gap.source for gap in after.gaps}
    came = [gap.source for gap in before.gaps if gap.still_asked and gap.source not in missing]
    return [f"{_joined(came)} answered late."] if came else []


def _other_cause(before: Brief, after: Brief) -> list[str]:
    if not names_other_cause(before, after):
        return []
    then, now = before.suspect, after.suspect
    if now is None:
        return [f"No longer suspected: {then.cause}."] if then else []
    return [f"Suspect now: {now.cause}." + (f" Before: {then.cause}." if then else "")]


def _identity(suspect: Hypothesis | None) -> tuple[str, str] | None:
    """Return what a cause is about; its wording may hold figures that grow."""
    return (suspect.kind, suspect.object or suspect.cause) if suspect else None


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
