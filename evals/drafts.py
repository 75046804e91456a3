"""Status updates as people would be shown them: drafted by the product's templates, and worded by a model or none.

The incidents are held-out ones of `evals.kinds`; updates_cases.yaml says where each stands, and what is not for all.
"""

import contextlib
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from evals import kinds, stage
from evals.talks import chat_id
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.catalog import Catalog, CatalogPerson, Service
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.investigation import Spent
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Audience, Proposal
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import draft_comms
from incident_copilot.pipeline.comms import wording
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.kept import kept
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.ports import LLM
from incident_copilot.store import alerts, evidence, incidents, proposals
from incident_copilot.store.egress import Rate

CASES = Path(__file__).parent / "updates_cases.yaml"
ASKER = Person(id="U0ASKER", name="Asker", roles=frozenset({Role.RESPONDER}))
AT_ONCE = timedelta(seconds=30)


@dataclass(frozen=True)
class Situation:
    """An incident, and how far it has come when people are to be told."""

    case: kinds.Case
    told: Mapping[str, Any]

    @property
    def status(self) -> Status:
        """Where the incident is."""
        return Status(self.told["status"])

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return Severity(self.told["severity"])

    @property
    def lead(self) -> str:
        """The name of who leads; "" where nobody does yet."""
        return str(self.told.get("lead", ""))

    @property
    def services(self) -> Sequence[str]:
        """Every service that it is about."""
        needs: Mapping[str, Sequence[str]] = self.case.told.get("needs", {})
        return sorted({self.case.service, *needs, *(one for on in needs.values() for one in on)})

    @property
    def now(self) -> datetime:
        """When the drafts are asked for."""
        return datetime.fromtimestamp(kinds.ONSET, UTC) + timedelta(minutes=self.told["after"])


@dataclass(frozen=True)
class Item:
    """A situation, and who is to be told."""

    situation: Situation
    audience: Audience

    @property
    def name(self) -> str:
        """Return how it is told from the others."""
        return f"{self.situation.case.name}, for {self.audience.readers}"


@dataclass(frozen=True)
class Drafted:
    """What became of one draft.

    `template` is what code wrote, `shown` what people are shown, `facts` the lines that a model is given. `marked` are
    the sentences among `shown` which nothing supports.
    """

    item: Item
    template: str
    shown: str
    facts: Sequence[str]
    marked: Sequence[str] = ()
    is_worded: bool = False
    rates: Sequence[Rate] = ()
    spent: Spent = stage.NOTHING

    @property
    def stands(self) -> str:
        """What is shown without a mark."""
        text = self.shown
        for one in self.marked:
            text = text.replace(one, "")
        return text


def read(path: Path = CASES) -> list[Item]:
    """Return every draft, in an order in which the first few are of all situations, and then of all audiences."""
    by_name = {case.name: case for case in kinds.read()}
    situations = [Situation(by_name[one["incident"]], one) for one in yaml.safe_load(path.read_text(encoding="utf-8"))]
    audiences = list(Audience)
    return [
        Item(situation, audiences[(place + turn) % len(audiences)])
        for turn in range(len(audiences))
        for place, situation in enumerate(situations)
    ]


async def draft(items: Sequence[Item], llm: LLM | None, deadline: timedelta) -> AsyncIterator[Drafted]:
    """Yield what becomes of each draft, on a database of its own."""
    async with stage.databases() as fresh:
        for item in items:
            async with _at(item.situation, fresh(), llm, deadline) as (deps, incident):
                yield await _drafted(deps, incident, item, deadline)


async def _drafted(deps: Deps, incident: Incident, item: Item, deadline: timedelta) -> Drafted:
    put = (await draft_comms.draft(deps, incident.id, ASKER, item.audience)).proposal
    assert put is not None  # noqa: S101 -- a draft that is not put raises
    template = str(put.shown["text"])
    async with deps.db.read() as db:
        facts = [one.text for one in await wording.facts_of(db, put, deps.catalog)]
    await _worded(deps, deadline)
    async with deps.db.read() as db:
        now_is: Proposal = await proposals.get(db, put.id)
    rates, spent = await stage.noted(deps)
    marked = [one["text"] for one in now_is.shown.get("marked", ())]
    is_worded = now_is.version > put.version
    return Drafted(item, template, str(now_is.shown["text"]), facts, marked, is_worded, rates, spent)


async def _worded(deps: Deps, deadline: timedelta) -> None:
    """Do the work that the draft left to the model."""
    patience_s = (deadline + AT_ONCE).total_seconds()
    work = {Work.WORD_UPDATE: partial(wording.word, deps)}
    await Worker(deps.db, work, deps.now, lease_s=patience_s, deadline_s=patience_s).run_due()


@contextlib.asynccontextmanager
async def _at(
    situation: Situation, path: Path, llm: LLM | None, deadline: timedelta
) -> AsyncIterator[tuple[Deps, Incident]]:
    catalog = catalog_of(situation)
    async with stage.product(path, catalog, now=situation.now, llm=llm, deadline=deadline) as deps:
        yield deps, await _written(deps, situation)


def catalog_of(situation: Situation) -> Catalog:
    """Return who and what there is, with the names that people outside know."""
    outside = {"public_name": situation.told.get("thing"), "workaround": situation.told.get("workaround")}
    own = situation.case.service
    services = [Service(name=name, **(outside if name == own else {})) for name in situation.services]
    lead = situation.lead
    return Catalog(
        services=tuple(services),
        people=(CatalogPerson(slack=chat_id(lead.split()[0]), name=lead),) if lead else (),
    )


async def _written(deps: Deps, situation: Situation) -> Incident:
    """Put down the incident with its alert, its evidence and its brief."""
    given = kinds.given(situation.case)
    opened, found = kinds.in_full(situation.case, given)
    so_far: dict[str, Any] = {"severity": situation.severity, "status": situation.status}
    if situation.lead:
        so_far["commander"] = chat_id(situation.lead.split()[0])
    if situation.status is Status.RESOLVED:
        so_far["resolved_at"] = so_far["ended_at"] = situation.now
    incident, alert = opened.model_copy(update=so_far), _alert(situation, opened)
    async with deps.db.transaction() as tx:
        await incidents.open_new(tx, incident)
        await alerts.record(tx, stage.WORKSPACE, alert, situation.now)
        await alerts.place(tx, stage.WORKSPACE, [alert.fingerprint], incident_id=incident.id)
        await evidence.add_all(tx, list(kept(given.bundle.evidence, found.templates)))
        await evidence.add_brief(tx, found.brief)
    return incident


def _alert(situation: Situation, incident: Incident) -> Alert:
    is_over = situation.status is Status.RESOLVED
    return Alert(
        source="eval",
        fingerprint=f"{zlib.crc32(incident.title.encode()):08x}",
        name=incident.title,
        status=AlertStatus.RESOLVED if is_over else AlertStatus.FIRING,
        summary=incident.title,
        description=str(situation.told["says"]),
        service=incident.service,
        starts_at=incident.started_at,
        ends_at=situation.now if is_over else None,
    )
