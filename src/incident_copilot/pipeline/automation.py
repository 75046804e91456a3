"""How far the copilot goes for a service: what the catalogue says, what people made of it, and how that has gone.

What people decided wins over the service's entry in catalog.yaml; `at_most` there bounds both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident_copilot.analysis.raising import missing
from incident_copilot.domain.acceptance import Acceptance, Record
from incident_copilot.domain.automation import Automation, ChangeState, LevelChange
from incident_copilot.domain.catalog import Service
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import acceptance
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import automation, texts
from incident_copilot.store import people as names
from incident_copilot.store.db import Tx

BY_FILE = "catalog.yaml"
AT_MOST = f"{BY_FILE} lets no service go further"


@dataclass(frozen=True)
class Standing:
    """How far the copilot goes for a service, by whose word, and what speaks for more or less.

    `changes` are those that are advised, asked for and in force; `reasons` why, by change, but for erased ones.
    """

    service: str
    level: Automation
    declared: Automation
    changes: Mapping[ChangeState, LevelChange]
    reasons: Mapping[str, str]
    record: Record
    missing: str
    """What it takes to raise it; empty where nothing is missing, or where nothing is above."""
    most: Automation
    days: int
    """Over how long the record goes."""

    @property
    def more(self) -> Automation | None:
        """The level to which people may raise it; None where nothing is above."""
        return self.level.more if self.level.rank < self.most.rank else None

    @property
    def source(self) -> str:
        """Whose word holds, in the copilot's own words."""
        made = self.changes.get(ChangeState.IN_FORCE)
        if made and made.wanted is self.level:
            return "set by people"
        said = made.wanted if made else self.declared
        return AT_MOST if said is not self.level else BY_FILE

    @property
    def judged_by(self) -> Acceptance:
        """What the level that it has is judged by."""
        return self.record.speaks_for(self.level)


async def level(db: Tx, deps: Deps, service: str | None) -> Automation:
    """Return how far the copilot goes for a service now."""
    changes = await automation.live(db, deps.workspace_id, service or "")
    return _level(deps, service, changes)


async def hindered(db: Tx, deps: Deps, service: str | None) -> str | None:
    """Return why the copilot carries nothing out for a service; None where it may."""
    found = await level(db, deps, service)
    if found is Automation.SUPERVISED:
        return None
    return f"{service} is set to {found} (/incident automation {service})" if service else f"{AT_MOST} than {found}"


async def standings(db: Tx, deps: Deps, service: str | None = None) -> list[Standing]:
    """Return how far the copilot goes for a service, or for all of the catalogue.

    Raises:
        DecisionRefused: the catalogue has no such service.
    """
    known = {one.name: one for one in deps.catalog.services}
    if service is not None and service not in known:
        raise DecisionRefused(f"{BY_FILE} has no service {service}.")
    wanted = [known[service]] if service is not None else list(known.values())
    changes = await automation.live(db, deps.workspace_id, service)
    found = await acceptance.records(db, deps, service)
    said = {one.id: await texts.text_of(db, one.reason) for one in changes if one.reason}
    reasons = {name: text for name, text in said.items() if text}
    return [_standing(deps, one, changes, reasons, found.get(one.name, Record())) for one in wanted]


async def shown(deps: Deps, service: str | None = None) -> list[Standing]:
    """Return what people are shown: what waits for somebody first, then what people changed, then by what was decided.

    Raises:
        DecisionRefused: the catalogue has no such service.
        StoreUnavailable: the database does not answer.
    """
    async with deps.db.read() as db:
        found = await standings(db, deps, service)
    return sorted(found, key=lambda one: (-_pressing(one), -one.record.proposals.decided, one.service))


async def lines(deps: Deps, service: str | None = None) -> list[str]:
    """Return what people are shown as lines, with people by name.

    Raises:
        DecisionRefused: the catalogue has no such service.
    """
    found = await shown(deps, service)
    async with deps.db.read() as db:
        called = await names.names(db, deps.workspace_id)
    told = [line for one in found for line in (_headline(one, called), *(f"  {line}" for line in details(one)))]
    return told or [f"{BY_FILE} has no service."]


def details(one: Standing) -> list[str]:
    """Return the record of a service, and what it takes to go further, in lines."""
    told = [
        f"Actions in {one.days} days: {counts(one.record.actions)}",
        f"All proposals in {one.days} days: {counts(one.record.proposals)}",
    ]
    if advised := one.changes.get(ChangeState.ADVISED):
        told.append(f"Too few were accepted for {one.level}: I propose to lower it to {advised.wanted}")
    if one.more:
        told.append(f"To raise it to {one.more}: {one.missing or 'the record is enough; it takes two people'}")
    return told


def counts(found: Acceptance) -> str:
    """Return what became of proposals, in words."""
    if not found.proposed:
        return "none was made"
    parts = {
        "approved or done": found.approved,
        "of these edited first": found.edited,
        "rejected": found.rejected,
        "undone": found.undone,
        "seen to help": found.verified,
        "failed or seen not to help": found.failed,
    }
    return ", ".join([f"{found.proposed} made", *(f"{number} {words}" for words, number in parts.items() if number)])


def _headline(one: Standing, called: Mapping[str, str]) -> str:
    made, asked = one.changes.get(ChangeState.IN_FORCE), one.changes.get(ChangeState.ASKED)
    by = f" ({called.get(made.decided_by or '', made.decided_by)}, {made.decided_at:%Y-%m-%d})" if made else ""
    waits = f"; {called.get(asked.asked_by, asked.asked_by)} asks for {asked.wanted}" if asked else ""
    return f"{one.service}: {one.level}, {one.source}{by}{waits}"


def _pressing(one: Standing) -> int:
    order = (ChangeState.IN_FORCE, ChangeState.ADVISED, ChangeState.ASKED)
    return max((order.index(state) + 1 for state in one.changes), default=0)


def _standing(
    deps: Deps, service: Service, changes: Sequence[LevelChange], reasons: Mapping[str, str], record: Record
) -> Standing:
    own = [one for one in changes if one.service == service.name]
    rule, at = deps.catalog.automation, _level(deps, service.name, own)
    more = at.more if at.rank < rule.at_most.rank else None
    return Standing(
        service=service.name,
        level=at,
        declared=service.automation,
        changes={one.state: one for one in own},
        reasons=reasons,
        record=record,
        missing=missing(record.speaks_for(more), rule) if more else "",
        most=rule.at_most,
        days=rule.days,
    )


def _level(deps: Deps, service: str | None, changes: Sequence[LevelChange]) -> Automation:
    made = next((one.wanted for one in changes if one.state is ChangeState.IN_FORCE), None)
    said = made or deps.catalog.declared_automation(service)
    return min(said, deps.catalog.automation.at_most, key=lambda one: one.rank)
