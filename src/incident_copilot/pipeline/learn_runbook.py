"""Runbooks learn: what people did in an incident against what its runbook says becomes a change for people to read."""

import asyncio
import difflib
import hashlib
import html
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from incident_copilot.domain.document import Document
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.errors import ConfigError, DecisionRefused
from incident_copilot.knowledge import drafting
from incident_copilot.knowledge.drafting import Did, Learnt, Problem
from incident_copilot.knowledge.files import decoded, read_file
from incident_copilot.knowledge.parameters import parameters_from
from incident_copilot.knowledge.runbook import Runbook
from incident_copilot.knowledge.runbooks import parse_runbook
from incident_copilot.knowledge.words import split_name
from incident_copilot.pipeline import keeping, ledger, people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating import known
from incident_copilot.pipeline.reviewing import record
from incident_copilot.pipeline.reviewing.record import Record
from incident_copilot.store import incidents
from incident_copilot.store.db import CLICKS

WHAT = "change runbooks"
MOST_NOTES = 5
DONE = (ProposalState.CARRIED_OUT, ProposalState.DONE)


class Change(NamedTuple):
    """A change of a runbook, or a first draft where `before` is empty; `path` is below the folder of runbooks."""

    label: str
    path: str
    title: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The unified diff, as people read it before they decide."""
        old = f"a/{self.path}" if self.before else "/dev/null"
        lines = difflib.unified_diff(
            self.before.splitlines(), self.after.splitlines(), old, f"b/{self.path}", lineterm=""
        )
        return "\n".join(lines)

    @property
    def hash(self) -> str:
        """What a click is bound to: the beginning of the SHA-256 of both texts."""
        return hashlib.sha256(f"{self.before}\0{self.after}".encode()).hexdigest()[:16]


async def propose(deps: Deps, incident_id: str) -> Change:
    """Return what an incident would change in the runbook that it was worked by, or a first draft of one.

    Raises:
        DecisionRefused: it teaches nothing that the runbook does not say; or what was written cannot stand in one.
        UnknownThing: there is no such incident.
    """
    found = await record.read(deps, incident_id)
    learnt = learnt_from(found)
    if learnt.is_nothing:
        raise DecisionRefused(f"{found.incident.label} taught nothing yet: nothing was done, ruled out or noted in it.")
    runbook = _worked_by(deps, found)
    change = await asyncio.to_thread(_changed, runbook, learnt) if runbook else _drafted(found, learnt)
    if change.after == change.before:
        raise DecisionRefused(f"{change.path} says already what {found.incident.label} taught.")
    try:
        parse_runbook(change.path, change.after.encode())
    except ConfigError as error:
        raise DecisionRefused(
            f"What was written in {found.incident.label} cannot stand in a runbook: {error}"
        ) from error
    return change


async def put(deps: Deps, incident_id: str, shown: str, person: Person) -> Outcome:
    """Have a change that a person has read put before others as a pull request; `shown` is the hash of what they read.

    Raises:
        DecisionRefused: not allowed, changed since it was read, or no repository takes changes; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    change = await propose(deps, incident_id)
    asked = {"asked": WHAT, "path": change.path}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, WHAT)
        keeping.require_open_to_all(deps, incident)
        if change.hash != shown:
            raise DecisionRefused(
                f"It has changed since you read it; look again with /incident learn {incident.label}."
            )
        target = _target(deps)
        await ledger.keep_name(tx, deps, person)
        told = _document(change)
        await keeping.put(tx, deps, incident, target, told, what=change.title, asked_by=person.id)
    return Outcome(text=f"{change.title}: it goes to {keeping.name_of(deps, target)}.", incident=incident)


def reference_in(value: str) -> tuple[str, str]:
    """Return incident and hash of what was read, from what a button holds."""
    incident_id, _, shown = value.partition(":")
    return incident_id, shown


def learnt_from(found: Record) -> Learnt:
    """Return what an incident taught: what helped, what was ruled out or did not, notes, and commands in the chat."""
    first = found.first_alert
    done = [one for one in found.proposals if one.state in DONE and _mends(one)]
    helped = [one for one in done if _helped(found, one)]
    rejected = [one for one in found.proposals if one.state is ProposalState.REJECTED and _mends(one)]
    written = list(_commands(found))
    fit = [command for command in written if drafting.is_fit(command)]
    dids = [_did(one) for one in helped]
    if fit:
        dids.append(Did(text="Run what helped last time", why="People wrote this in the channel.", commands=tuple(fit)))
    return Learnt(
        label=found.incident.label,
        on=(found.incident.ended_at or found.written_at).date(),
        helped=tuple(dids),
        ruled_out=(
            *(_ruled_out(one) for one in rejected),
            *(f"{one.title}. It did not help." for one in done if one not in helped),
        ),
        noted=tuple(entry.text for entry in found.moments(TimelineKind.NOTE)[:MOST_NOTES]),
        values=parameters_from(first.labels if first else {}, service=found.incident.service),
        left_out=len(written) - len(fit),
    )


def _mends(proposal: Proposal) -> bool:
    """Whether it is work of the incident; updates, merges and the end are none."""
    return proposal.kind in (ProposalKind.ACTION, ProposalKind.CHECK)


def _helped(found: Record, proposal: Proposal) -> bool:
    """Whether the metric was healthy after it; what nobody measured counts as done."""
    seen = [row for row in found.about(proposal) if row.kind is LogKind.VERIFIED]
    return not seen or seen[-1].payload.get("healthy") is not False


def _did(proposal: Proposal) -> Did:
    return Did(text=proposal.title, why=proposal.outcome or "It was done.")


def _ruled_out(proposal: Proposal) -> str:
    return f"{proposal.title}. {proposal.reason}" if proposal.reason else proposal.title


def _commands(found: Record) -> Iterator[str]:
    """Yield each command that people wrote in the channel once, as it was written."""
    said = (entry for entry in found.timeline if entry.kind is not TimelineKind.ALERT and not entry.deleted)
    written = (command for entry in said for command in drafting.commands_in(html.unescape(entry.text)))
    yield from dict.fromkeys(written)


def _worked_by(deps: Deps, found: Record) -> Runbook | None:
    """Return the runbook whose steps were put to people, else the one that fits best; None where none does."""
    used = Counter(str(one.shown["runbook"]) for one in found.proposals if one.shown.get("runbook"))
    for runbook_id, _ in used.most_common():
        if runbook := deps.library.library.get(runbook_id):
            return runbook
    fitting = known.runbooks_for_alerts(deps, found.incident, found.alerts)
    return fitting[0].runbook if fitting else None


def _changed(runbook: Runbook, learnt: Learnt) -> Change:
    path = Path(runbook.path)
    before = decoded(path.name, read_file(path.parent, path.name))
    # The id is lower case and without the ending; it has as many folders as the path below the folder of runbooks.
    name = "/".join(path.parts[-runbook.id.count("/") - 1 :])
    title = f"What {learnt.label} taught the runbook {runbook.id}"
    return Change(learnt.label, name, title, before, drafting.changed(before, learnt))


def _drafted(found: Record, learnt: Learnt) -> Change:
    incident, first = found.incident, found.first_alert
    name = first.name if first else incident.title
    words = split_name(name)
    problem = Problem(
        title=" ".join(words).capitalize() or name,
        alerts=(first.name,) if first else (),
        service=incident.service,
        kind=incident.incident_type,
        severity=incident.severity.value,
        owner=incident.team or "",
        summary=(first.summary if first else "") or incident.title,
        expression=first.expression if first else None,
        cause=found.brief.suspect.cause if found.brief and found.brief.suspect else "",
    )
    path = f"{'-'.join(words)}.md"
    return Change(learnt.label, path, f"A first runbook for {name}", "", drafting.drafted(problem, learnt))


def _document(change: Change) -> Document:
    slug = "".join(letter if letter.isalnum() else "-" for letter in change.path.lower())
    return Document(
        key=f"runbook-{slug}"[:100].strip("-"),
        name=change.path,
        title=change.title,
        summary=f"Drafted from the record of {change.label}; read it before you merge it: people's words are in it.",
        text=change.after,
        path=change.path,
    )


def _target(deps: Deps) -> str:
    fit = [name for name, target in deps.postmortem_targets.items() if target.takes_changes]
    if not fit:
        raise DecisionRefused(
            "No repository takes changes: name one under postmortem_targets in copilot.yaml (github_pull_request), "
            "or write it with `incident-copilot runbooks learn`."
        )
    return fit[0]
