"""Changes that webhooks told of, as evidence beside those that context sources found."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from incident_copilot.analysis.changes import ROLLS_OUT
from incident_copilot.domain.base import new_id
from incident_copilot.domain.catalog import NOT_PRODUCTION
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import Question
from incident_copilot.store import changes
from incident_copilot.store.db import Tx

LOOK_BACK = timedelta(hours=24)
MOST = 40
SAME_TIME = timedelta(minutes=10)
"""How far apart two accounts of one deployment may be where neither names a commit that the other knows."""
LONGEST_ROLLOUT = timedelta(minutes=30)
SHORTEST_COMMIT = 7
_KINDS = {
    ChangeKind.DEPLOYMENT: "deploy",
    ChangeKind.RELEASE: "release",
    ChangeKind.CONFIGURATION: "configuration",
    ChangeKind.MODEL: "model",
    ChangeKind.PROMPT: "prompt",
    ChangeKind.DATASET: "dataset",
    ChangeKind.RUN: "run",
    ChangeKind.MERGE: "merge",
}
"""What each kind is called, those nearest to production first: of one commit only the first that exists counts."""
_REPLACES = frozenset({ChangeKind.DEPLOYMENT, ChangeKind.MODEL, ChangeKind.PROMPT})
"""Kinds of which a new version takes the place of the one before."""


async def told_changes(db: Tx, deps: Deps, question: Question) -> list[Change]:
    """Return what may have changed production from a day before the window to its end, newest first."""
    told = await changes.between(db, deps.workspace_id, question.since - LOOK_BACK, question.until)
    placed = [change.model_copy(update={"service": _service(deps, change)}) for change in told]
    return [change for change in placed if _may_matter(change, question.incident)]


def change_evidence(
    deps: Deps, question: Question, told: Sequence[Change], found: Iterable[Evidence]
) -> list[Evidence]:
    """Return at most 40 of the told changes that no source found, those of the services in question first."""
    known = [item for item in found if item.kind is EvidenceKind.CHANGE]
    near = {*question.services, *question.repos}
    new = [commit for commit in _by_commit(told) if not any(_is_same(commit[0], item) for item in known)]
    new.sort(key=lambda commit: commit[0].service not in near)
    return [_evidence(deps, question.incident, commit, _previous(commit[0], told)) for commit in new[:MOST]]


def _service(deps: Deps, change: Change) -> str | None:
    """Return the catalogue's name of what changed; where webhooks know only a repository, its one service."""
    if change.service is None or deps.catalog.service(change.service):
        return change.service
    repo = change.service.rpartition("/")[2]
    kept_there = [one.name for one in deps.catalog.services if one.repo and one.repo.rpartition("/")[2] == repo]
    return kept_there[0] if len(kept_there) == 1 else change.service


def _may_matter(change: Change, incident: Incident) -> bool:
    if change.status is ChangeStatus.CANCELLED or change.service is None:
        return False
    if change.kind is ChangeKind.RUN and not ROLLS_OUT.search(change.title):
        return False
    elsewhere = (change.environment or "").lower() in NOT_PRODUCTION
    return not elsewhere or change.environment == incident.environment


def _by_commit(told: Sequence[Change]) -> list[list[Change]]:
    """Return the changes of each commit together: first the one nearest to production, then what else is said of it."""
    groups: dict[tuple[str | None, str], list[Change]] = defaultdict(list)
    for change in told:
        groups[change.service, change.version or change.key].append(change)
    order = list(_KINDS)
    return [sorted(group, key=lambda change: order.index(change.kind)) for group in groups.values()]


def _is_same(change: Change, item: Evidence) -> bool:
    if change.service != item.data["service"]:
        return False
    theirs = [str(item.data[name]) for name in ("version", "ref") if item.data.get(name)]
    if change.version and any(_is_commit(change.version, other) for other in theirs):
        return True
    apart = abs(change.at.timestamp() - float(item.data["at"]))
    return change.kind is ChangeKind.DEPLOYMENT and apart <= SAME_TIME.total_seconds()


def _is_commit(one: str, other: str) -> bool:
    """Return whether two names of a version are equal, or one is the beginning of the other's commit."""
    shorter, longer = sorted((one, other), key=len)
    return longer == shorter or (len(shorter) >= SHORTEST_COMMIT and longer.startswith(shorter))


def _previous(change: Change, told: Sequence[Change]) -> str | None:
    """Return the version that was deployed before; None where no deployment before it was told."""
    before = (
        other.version
        for other in told
        if (other.service, other.kind) == (change.service, change.kind)
        and other.at < change.at
        and other.version != change.version
    )
    return next(before, None) if change.kind in _REPLACES else None


def _evidence(deps: Deps, incident: Incident, commit: Sequence[Change], previous: str | None) -> Evidence:
    """Return the evidence; what is said elsewhere about the commit stands for its diff, which no webhook carries."""
    change, now = commit[0], deps.now()
    said = dict.fromkeys(other.title for other in commit[1:])
    data: Mapping[str, object] = {
        "service": change.service,
        "at": _went_out(change).timestamp(),
        "version": _short(change.version),
        "previous": _short(previous) or None,
        "author": change.by or "",
        "diff": "\n".join(said),
        "kind": _KINDS[change.kind],
        "ref": change.version or "",
    }
    state = "" if change.status is ChangeStatus.SUCCEEDED else f" ({change.status.value})"
    by = f" by {change.by}" if change.by else ""
    at = _went_out(change)
    when = f"at {at:%H:%M:%S} UTC on {at:%-d %B}"
    return Evidence(
        id=new_id(now),
        incident_id=incident.id,
        source=change.source,
        kind=EvidenceKind.CHANGE,
        title=f"{change.title}{state}",
        summary=f"{_KINDS[change.kind].capitalize()} of {change.service}{by} {when}: {'; '.join(said) or change.title}",
        taken_at=now,
        link=change.link,
        query="told by webhook",
        data=dict(data),
    )


def _went_out(change: Change) -> datetime:
    """Return when a change began to take effect: a rollout does before it has ended, unless it waited for somebody."""
    if change.began is None or change.at - change.began > LONGEST_ROLLOUT:
        return change.at
    return change.began


def _short(version: str | None) -> str:
    """Return a version as people say it: of a commit its beginning."""
    is_commit = version is not None and re.fullmatch(r"[0-9a-f]{40}", version)
    return (version or "")[: SHORTEST_COMMIT if is_commit else None]
