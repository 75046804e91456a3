"""Shares: what people accepted, what was detected and triaged rightly, updates on time, and what came back."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from incident_copilot.analysis.beta import interval
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.measures import Share
from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.pipeline import chosen, ledger
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.stats.gathered import RECURS_WITHIN, Gathered

ACCEPTED = (
    *(ProposalState.APPROVED, ProposalState.CARRIED_OUT, ProposalState.DONE),
    *(ProposalState.FAILED, ProposalState.UNKNOWN),
)
SURE = 0.9


def share(name: str, part: int, whole: int) -> Share | None:
    """Return a share with its interval; None of nothing."""
    if not whole:
        return None
    low, high = interval(part + 1, whole - part + 1, SURE)
    return Share(name=name, part=part, whole=whole, low=low, high=high)


def accepted(gathered: Gathered) -> tuple[Share, ...]:
    """Return by kind how many of the proposals that people decided they took; what expired was not decided."""
    by_kind: dict[str, list[Proposal]] = defaultdict(list)
    for one in gathered.proposals:
        if one.decided_by and one.state in (*ACCEPTED, ProposalState.REJECTED):
            by_kind[one.kind.value].append(one)
    made = (
        share(kind, sum(one.state in ACCEPTED for one in those), len(those)) for kind, those in sorted(by_kind.items())
    )
    return tuple(one for one in made if one)


def shadowed(gathered: Gathered) -> tuple[Share, ...]:
    """Return by kind how many of the silent suggestions said what people did without them."""
    by_kind: dict[str, list[Proposal]] = defaultdict(list)
    for one in gathered.proposals:
        if one.state is ProposalState.SILENT and one.did_the_same is not None:
            by_kind[one.kind.value].append(one)
    made = (
        share(kind, sum(bool(one.did_the_same) for one in those), len(those)) for kind, those in sorted(by_kind.items())
    )
    return tuple(one for one in made if one)


def detection(gathered: Gathered) -> tuple[Share, ...]:
    """Return false alarms among incidents that alerts opened and that ended, and incidents that no alert saw."""
    ended = [one for one in gathered.incidents if one.ended_at]
    by_alert = [one for one in ended if one.id in gathered.first_seen]
    declared = {row.incident_id for row in gathered.of_kind(LogKind.DECLARED)}
    real = [one for one in ended if one.ending is not Ending.FALSE_ALARM]
    unseen = [one for one in real if one.id in declared and one.id not in gathered.first_seen]
    false = sum(one.ending is Ending.FALSE_ALARM for one in by_alert)
    made = (
        share("false alarms among incidents opened by alerts", false, len(by_alert)),
        share("incidents that people declared and no alert saw", len(unseen), len(real)),
    )
    return tuple(one for one in made if one)


def triage(gathered: Gathered) -> tuple[Share, ...]:
    """Return how often people raised or lowered the severity that triage had set."""
    first: dict[str, LogEntry] = {}
    last: dict[str, LogEntry] = {}
    for row in gathered.of_kind(LogKind.SEVERITY_SET):
        if ledger.is_person(row.actor) and row.payload.get("from"):
            first.setdefault(str(row.incident_id), row)
            last[str(row.incident_id)] = row
    moves = [
        Severity(last[name].payload["to"]).rank - Severity(row.payload["from"]).rank for name, row in first.items()
    ]
    number = len(gathered.incidents)
    made = (
        share("rated too low: people raised the severity", sum(move < 0 for move in moves), number),
        share("rated too high: people lowered the severity", sum(move > 0 for move in moves), number),
    )
    return tuple(one for one in made if one)


def updates(deps: Deps, gathered: Gathered) -> Share | None:
    """Return how many updates went out by the time that the cadence asks for, of all that were due."""
    told: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for row in gathered.of_kind(LogKind.PUBLISHED):
        told[str(row.incident_id), str(row.payload["audience"])].append(row.at)
    on_time = [punctual for found in _due(deps, gathered, told) for punctual in found]
    return share("updates on time", sum(on_time), len(on_time))


def recurring(gathered: Gathered) -> Share | None:
    """Return how many of the ended incidents had one of the same alert on the same service in the 90 days before."""
    mine = gathered.by_id
    came_back = [
        any(before < mine[name].opened_at <= before + RECURS_WITHIN for _, before in those[:at])
        for those in gathered.endings.values()
        for at, (name, _) in enumerate(those)
        if name in mine
    ]
    return share("came back within 90 days", sum(came_back), len(came_back))


def _due(deps: Deps, gathered: Gathered, told: dict[tuple[str, str], list[datetime]]) -> Iterator[list[bool]]:
    """Yield for each incident and audience that was told something whether each update that was due came in time.

    The first word to colleagues is due one cadence after the opening, whether there was one or not.
    """
    for incident in gathered.incidents:
        cadence, end = chosen.cadence(deps, incident), incident.ended_at or gathered.until
        audiences = {audience for name, audience in told if name == incident.id} | {"internal"}
        for audience in sorted(audiences):
            said = told.get((incident.id, audience), [])
            begins = [incident.opened_at, *said] if audience == "internal" else said
            nexts = [*said, None] if audience == "internal" else [*said[1:], None]
            due = ((begin + cadence, later) for begin, later in zip(begins, nexts, strict=True))
            yield [later is not None and later <= at for at, later in due if later is not None or at < end]
