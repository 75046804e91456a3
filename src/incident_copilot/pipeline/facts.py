"""What is known about an incident as single facts, by topic, each with what it rests on."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from incident_copilot.domain.evidence import Evidence, Quote
from incident_copilot.domain.hypothesis import Brief, Hypothesis, Statement
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.llm.budgeting import Piece, nearness, pick
from incident_copilot.pipeline import look_back, look_up, on_call, people, read, recap, show, withholding
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.on_call import Called
from incident_copilot.pipeline.topics import Topic
from incident_copilot.store import alerts, evidence, messages, proposals, tasks
from incident_copilot.store import people as names

MOST_ALERTS, MOST_MOMENTS, MOST_CAUSES, MOST_TASKS = 10, 12, 4, 8
SAID_CHARACTERS = 4_000


@dataclass(frozen=True)
class Cite:
    """What a fact rests on: its name, its address at the source, and the chat message that says it, as channel:ts."""

    label: str
    link: str | None = None
    ref: str | None = None


@dataclass(frozen=True)
class Fact:
    """One thing known, in a sentence; `quote` is what of it is words of others."""

    text: str
    cites: tuple[Cite, ...] = ()
    quote: Quote | None = None


class Told(NamedTuple):
    """What a model may be told. `spare` of it may be left out, the least relevant first; `note` counts messages."""

    facts: list[Fact]
    spare: list[Fact]
    note: str


@dataclass(frozen=True)
class Held:
    """What several topics draw on."""

    deps: Deps
    incident: Incident
    brief: Brief | None
    evidence: Mapping[str, Evidence]
    brief_ref: str | None
    names: Mapping[str, str]
    called: Called
    silent: frozenset[str] = frozenset()
    """The services that opted out of the model, where one is told; for people none is silent."""

    def cited(self, statement: Statement) -> Fact:
        """Return a statement with its evidence: at its source, or where it has no address in the brief."""
        held = [self.evidence[ref] for ref in statement.evidence_ids if ref in self.evidence]
        return Fact(statement.text, tuple(self.cite(item) for item in held), statement.quote)

    def cite(self, item: Evidence) -> Cite:
        """Return a piece of evidence as what a fact rests on."""
        return Cite(f"{item.source}: {item.title}", link=item.link, ref=self.brief_ref)

    def name(self, who: str) -> str:
        """Return the name somebody goes by."""
        return self.names.get(who, who)


async def known(deps: Deps, incident: Incident, topic: Topic) -> list[Fact]:
    """Return what is stored about one topic of an incident; always at least one fact, be it that nothing is known."""
    held = await _held(deps, incident)
    return await TELL[topic](held)


async def everything(deps: Deps, incident: Incident, about: str) -> Told:
    """Return all that a model may be told to answer a question.

    Statements that rest on logs and errors quote what anybody can have written, so they are left out; and so is what is
    known of services that opted out. Where the incident stands, its computed cause and what is pinned are never spare.
    """
    held = _without_opted_out(await _held(deps, incident))
    plain = replace(held, brief=_without_written(held))
    first = [fact for topic in (Topic.STATUS, Topic.CAUSE) for fact in await TELL[topic](plain)]
    topics = (Topic.WHO, Topic.CHANGES, Topic.ALERTS, Topic.NEXT)
    more = [fact for topic in topics for fact in await TELL[topic](plain)]
    lately, pinned, note = await _lately(held, about)
    spare = dict.fromkeys(one for one in (*lately, *reversed(more)) if one not in (*first, *pinned))
    return Told(
        [*dict.fromkeys([*first, *more, *lately])], sorted(spare, key=lambda one: nearness(one.text, about)), note
    )


async def _held(deps: Deps, incident: Incident) -> Held:
    async with deps.db.read() as db:
        brief = await evidence.latest_brief(db, incident.id)
        cited = {ref for ids in show.statements(brief) for ref in ids} if brief else set()
        shown = await messages.newest(db, deps.workspace_id, incident.id, "brief")
        return Held(
            deps=deps,
            incident=incident,
            brief=brief,
            evidence={item.id: item for item in await evidence.some(db, cited)},
            brief_ref=":".join(shown) if shown else None,
            names=await names.names(db, deps.workspace_id),
            called=await on_call.of(db, deps, incident),
        )


async def _status(held: Held) -> list[Fact]:
    first, counted = (await read.summary(held.deps, held.incident.id))[:2]
    lead = f" {held.name(held.incident.commander)} leads it." if held.incident.commander else ""
    state = [Fact(f"{first.partition(' Led by ')[0]}{lead}"), Fact(counted)]
    if held.brief is None:
        return [*state, Fact("There is no brief yet.")]
    headline = Fact(held.brief.headline, tuple(_brief(held)), held.brief.report)
    return [*state, headline, *map(held.cited, held.brief.lines)]


async def _cause(held: Held) -> list[Fact]:
    brief = held.brief
    if brief is None or not brief.hypotheses:
        return [Fact("No cause has been looked for yet."), *_gaps(held)]
    told = [Fact(brief.cause or "No cause stands out yet.", tuple(_brief(held)))]
    for cause in brief.hypotheses[:MOST_CAUSES]:
        told += _weighed(held, cause, is_suspect=cause is brief.suspect)
    return [*told, *_gaps(held)]


def _weighed(held: Held, cause: Hypothesis, *, is_suspect: bool) -> Iterable[Fact]:
    if not is_suspect:
        yield Fact(f"Looked at as well: {cause.cause} ({cause.verdict.replace('_', ' ')})")
    for said, why in (("For it", cause.supporting[:3]), ("Against it", cause.contradicting[:2])):
        for statement in why:
            fact = held.cited(statement)
            yield replace(fact, text=f"{said}: {fact.text}")


async def _who(held: Held) -> list[Fact]:
    incident = held.incident
    parts = (
        ("leads it", incident.commander),
        *((f"is {duty.word}", who) for duty, who in incident.duties.items()),
        ("acknowledged it", incident.acknowledged_by),
        ("declared it", incident.declared_by),
        (f"is on call first for {incident.team}", held.called.primary),
        (f"is on call second for {incident.team}", held.called.secondary),
    )
    told = [Fact(f"{await _named(held, who)} {part}.") for part, who in parts if who]
    return told or [Fact("Nobody has taken it, and the catalogue names nobody on call.")]


async def _named(held: Held, who: str) -> str:
    """Return a name, asking the workspace where nobody has heard it yet; naming people in an answer calls nobody."""
    try:
        return held.names.get(who) or (await people.known(held.deps, who)).name
    except DecisionRefused:
        return who


async def _changes(held: Held) -> list[Fact]:
    back = await look_back.look_back(held.deps, held.incident)
    told = [
        Fact(
            f"{one.before} it started, at {one.at:%H:%M} UTC: {one.text} ({one.service})",
            (Cite(one.text, link=one.link, ref=held.brief_ref),),
        )
        for one in back.changes
        if one.service not in held.silent
    ]
    more = [Fact(f"And {back.left_out} more changes.")] if back.left_out else []
    return [*(told or [Fact("No change is known in the 24 h before it started.")]), *more, *_gaps(held)]


async def _runbook(held: Held) -> list[Fact]:
    return [Fact(line) for line in await look_up.runbooks(held.deps, held.incident)]


async def _similar(held: Held) -> list[Fact]:
    return [Fact(line) for line in await look_up.similar(held.deps, held.incident)]


async def _alerts(held: Held) -> list[Fact]:
    async with held.deps.db.read() as db:
        members = await alerts.belonging(db, held.incident.id)
    told = [
        Fact(
            f"{one.name} on {one.service or 'an unnamed service'}: {one.status}, since {one.starts_at:%H:%M} UTC",
            (Cite(one.name, link=one.links.get("source") or one.links.get("generator")),),
        )
        for one in members[:MOST_ALERTS]
    ]
    more = [Fact(f"And {len(members) - MOST_ALERTS} more alerts.")] if len(members) > MOST_ALERTS else []
    return [*(told or [Fact("No alert belongs to it.")]), *more]


async def _timeline(held: Held) -> list[Fact]:
    """Return the last that was decided and written, oldest first."""
    shown = await recap.told_since(held.deps, held.incident.id, recap.NOBODY, None)
    moments = sorted([*shown.done, *shown.said], key=lambda one: one.at)[-MOST_MOMENTS:]
    told = [Fact(f"{one.at:%H:%M} UTC {one.text}", _ref(one)) for one in moments]
    return told or [Fact("Nothing has happened yet.")]


async def _next(held: Held) -> list[Fact]:
    async with held.deps.db.read() as db:
        put = await proposals.of_incident(db, held.incident.id, ProposalState.OPEN)
        todo = [one for one in await tasks.of_incident(db, held.incident.id) if one.is_open]
    told = [Fact(f"Waits for a decision by {people.who_may_decide(one)}: {one.title}") for one in put]
    if held.brief and held.brief.first_step:
        first = held.cited(held.brief.first_step)
        told.insert(0, replace(first, text=f"First step: {first.text}"))
    told += [Fact(f"To do: {one.text} ({_doer(held, one.assignee)})") for one in todo[:MOST_TASKS]]
    checks = [one.next_check for one in (held.brief.hypotheses if held.brief else ()) if one.next_check]
    told += [Fact(f"Would settle the cause: {check}") for check in checks[:2]]
    return told or [Fact("Nothing waits for a decision, and no step is known.")]


def _doer(held: Held, who: str | None) -> str:
    return held.name(who) if who else "nobody has it"


async def _lately(held: Held, about: str) -> tuple[list[Fact], list[Fact], str]:
    """Return what was decided and messages that are pinned, new or to the point; the pinned ones; how many are used."""
    shown = await recap.told_since(held.deps, held.incident.id, recap.NOBODY, None)
    pieces = [
        Piece(id=str(number), at=one.at, text=one.text, pinned=one.pinned) for number, one in enumerate(shown.messages)
    ]
    picked = pick(pieces, budget=SAID_CHARACTERS, about=about)
    written = [shown.messages[int(piece.id)] for piece in picked.pieces]
    done = [Fact(_at(one), _ref(one)) for one in reversed(shown.done)]
    said = [(Fact(_at(one), _ref(one), Quote(by="A message", text=one.text)), one.pinned) for one in written]
    pinned = [fact for fact, is_pinned in said if is_pinned]
    return [*done, *(fact for fact, _ in said)], pinned, picked.used if picked.total else ""


def _at(one: recap.Moment) -> str:
    return f"{one.at:%H:%M} UTC {one.text}"


def _gaps(held: Held) -> list[Fact]:
    gaps = held.brief.gaps if held.brief else ()
    return [Fact(f"Could not look: {gap.source}: {gap.reason}", tuple(_brief(held))) for gap in gaps]


def _brief(held: Held) -> Iterable[Cite]:
    if held.brief_ref:
        yield Cite("the brief", ref=held.brief_ref)


def _ref(one: recap.Moment) -> tuple[Cite, ...]:
    return (Cite("message", ref=one.ref),) if one.ref else ()


def _without_opted_out(held: Held) -> Held:
    catalog = held.deps.catalog
    hidden = withholding.withheld(held.evidence.values(), catalog)
    brief = withholding.told(held.brief, hidden, catalog) if held.brief else None
    return replace(held, brief=brief, silent=catalog.opted_out)


def _without_written(held: Held) -> Brief | None:
    if held.brief is None:
        return None
    written = {ref for ref, item in held.evidence.items() if item.is_written}

    def plain(statements: Iterable[Statement]) -> tuple[Statement, ...]:
        return tuple(one for one in statements if not written.intersection(one.evidence_ids))

    causes = tuple(
        one.model_copy(update={"supporting": plain(one.supporting), "contradicting": plain(one.contradicting)})
        for one in held.brief.hypotheses
    )
    return held.brief.model_copy(update={"lines": plain(held.brief.lines), "hypotheses": causes})


TELL: Mapping[Topic, Callable[[Held], Awaitable[list[Fact]]]] = {
    Topic.STATUS: _status,
    Topic.CAUSE: _cause,
    Topic.WHO: _who,
    Topic.CHANGES: _changes,
    Topic.RUNBOOK: _runbook,
    Topic.SIMILAR: _similar,
    Topic.ALERTS: _alerts,
    Topic.TIMELINE: _timeline,
    Topic.NEXT: _next,
}
