"""Answer a question about an incident: by a model from what is known, each sentence checked; else from the facts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from pydantic import BaseModel, ConfigDict, Field

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.attribution import attributed
from incident_copilot.llm.grounding import Sentence, as_said, citing, ground
from incident_copilot.llm.labelled import as_lines, labelled, one_line
from incident_copilot.pipeline import facts, ledger, model_use, people, read, recorded, seeing, topics
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.facts import Cite, Fact, Told
from incident_copilot.pipeline.recorded import Recorded
from incident_copilot.pipeline.topics import Topic
from incident_copilot.ports import OnRecord
from incident_copilot.store import answers, incidents
from incident_copilot.store.answers import Ended
from incident_copilot.store.db import CLICKS

PROMPT = Prompt(
    purpose="answer",
    version=1,
    instructions="""\
Somebody who works on an incident asks what stands in the line that begins with Q. Every other line is a fact about the
incident and begins with its id, such as F1. Answer in at most four short sentences, from these facts only, with
numbers, times and names exactly as they are written. Give for each sentence the ids of the facts that say it. Where the
facts do not answer the question, give no sentence at all.
""",
)
CITES = 3
ASKS_FOR_HELP = frozenset({"", "help", "what can you do"})
TOPICS = ", ".join(Topic)
HELP = f"From what is stored I answer these words: {TOPICS}. Everything that changes something is under /incident help."


class Reply(BaseModel):
    """The model's answer."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[Sentence] = Field(max_length=6)


@dataclass(frozen=True)
class Question:
    """What somebody asks, and where; `thread_ts` is where the answer goes, `is_direct` whether only they read it."""

    person: str
    text: str
    channel: str
    thread_ts: str
    is_direct: bool


@dataclass(frozen=True)
class Step:
    """What is being done until there is an answer; `status` is in_progress, complete or error."""

    id: str
    title: str
    status: str


@dataclass(frozen=True)
class Answer:
    """What is told: a heading, facts or supported sentences, and notes. `id` is None where nothing can be judged.

    `stored` stands below sentences of a model: what is told without one, so that a poor model takes nothing away.
    """

    heading: str
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    id: str | None = None
    is_worded: bool = False
    stored: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class _Outcome:
    """An answer, and what is kept of how it came about."""

    answer: Answer
    ended: Ended


async def answer(deps: Deps, question: Question) -> AsyncIterator[Step | Answer]:
    """Yield what is being done, and at last the answer; nothing where people stopped it meanwhile.

    Raises:
        DecisionRefused: this person may ask nothing.
        StoreUnavailable: nothing can be told.
    """
    person = await people.known(deps, question.person)
    people.require(person, Role.VIEWER, "ask about incidents")
    asked = topics.said(question.text)
    meant = await _meant(deps, question, person, asked)
    if isinstance(meant, Answer):
        yield meant
        return
    answer_id, began = new_id(deps.now()), deps.now()
    async with deps.db.transaction(CLICKS) as tx:
        await answers.begin(
            tx,
            deps.workspace_id,
            answer_id,
            incident_id=meant.id,
            person=person.id,
            channel=question.channel,
            thread_ts=question.thread_ts,
            topic=topics.topic_of(asked) or "question",
            now=began,
        )
    async for one in _answered(deps, meant, asked):
        if isinstance(one, Step):
            yield one
            continue
        took_ms = int((deps.now() - began).total_seconds() * 1000)
        async with deps.db.transaction(CLICKS) as tx:
            is_wanted = await answers.finish(tx, deps.workspace_id, answer_id, one.ended, took_ms)
        if is_wanted:
            yield replace(one.answer, id=answer_id)


async def stop(deps: Deps, person_id: str, channel: str, thread_ts: str) -> None:
    """Stop what is being answered in a thread, and log it.

    Raises:
        DecisionRefused: this person may not.
        StoreUnavailable: nothing was stopped.
    """
    person = await people.known(deps, person_id)
    people.require(person, Role.VIEWER, "stop answers")
    async with deps.db.transaction(CLICKS) as tx:
        for incident_id in await answers.stop(tx, deps.workspace_id, channel, thread_ts):
            await ledger.write_by(tx, deps, incident_id, LogKind.MODEL_STOPPED, person, {"answer": thread_ts})


async def judge(deps: Deps, person_id: str, answer_id: str, *, helpful: bool) -> bool:
    """Keep what somebody thinks of an answer; False where there is no such answer.

    Raises:
        StoreUnavailable: it was not kept.
    """
    async with deps.db.transaction(CLICKS) as tx:
        if await answers.outcome_of(tx, deps.workspace_id, answer_id) is None:
            return False
        await answers.judge(tx, deps.workspace_id, answer_id, person_id, helpful=helpful, now=deps.now())
    return True


async def _meant(deps: Deps, question: Question, person: Person, asked: str) -> Incident | Answer:
    """Return the incident that is meant: by number, place, thread or service; else ask which, or say what I can do."""
    if asked.lower().strip(" ?!.") in ASKS_FOR_HELP:
        return Answer("Ask me about an incident.", notes=(HELP,))
    number = topics.number_in(asked)
    if number is not None:
        found = await seeing.by_number(deps, number, person, here=question.channel, alone=question.is_direct)
        return found or Answer(f"There is no INC-{number}.")
    for candidate in (await read.in_channel(deps, question.channel, question.thread_ts), await _talked(deps, question)):
        if _seen(candidate, question, person):
            return candidate
    running = await read.running(deps)
    named = [one for one in running if one.service and one.service.lower() in asked.lower()]
    if len(named or running) == 1:
        return (named or running)[0]
    if not running:
        return Answer("No incident is running.", notes=(HELP,))
    return Answer(
        "Which incident do you mean? Say its number with your question.",
        tuple(Fact(f"{one.label} {one.title}: {one.severity}, {one.status}") for one in running[:10]),
    )


def _seen(incident: Incident | None, question: Question, person: Person) -> TypeGuard[Incident]:
    return incident is not None and seeing.may_see(person, incident, here=question.channel, alone=question.is_direct)


async def _talked(deps: Deps, question: Question) -> Incident | None:
    async with deps.db.read() as db:
        found = await answers.talked_of(db, deps.workspace_id, question.channel, question.thread_ts)
        return await incidents.get(db, found) if found else None


async def _answered(deps: Deps, incident: Incident, asked: str) -> AsyncIterator[Step | _Outcome]:
    topic = topics.topic_of(asked)
    if topic and topics.is_command(asked):
        yield await _from_facts(deps, incident, topic)
        return
    model = await recorded.model_for(deps, incident)
    if isinstance(model, Recorded):
        async for one in _by_model(deps, model, incident, asked):
            yield one
    elif topic:
        yield await _from_facts(deps, incident, topic, f"Answered by the word “{topic}”: {model}.")
    else:
        notes = (f"I cannot answer free questions here: {model}.", HELP)
        shown = Answer(_heading(incident, "I do not know what that asks for"), notes=notes)
        yield _Outcome(shown, Ended("not understood"))


async def _from_facts(deps: Deps, incident: Incident, topic: Topic, *notes: str) -> _Outcome:
    told = await facts.known(deps, incident, topic)
    return _Outcome(Answer(_heading(incident, topic), tuple(told), notes), Ended("from facts", sentences=len(told)))


async def _by_model(deps: Deps, llm: Recorded, incident: Incident, asked: str) -> AsyncIterator[Step | _Outcome]:
    """Read, ask, check: each a step that people see."""
    yield Step("read", f"Reading what is known about {incident.label}", "in_progress")
    told = await facts.everything(deps, incident, asked)
    read_so = f"Read {len(told.facts)} facts about {incident.label}"
    yield Step("read", read_so + (f"; {told.note}" if told.note else ""), "complete")
    yield Step("ask", "Asking the model", "in_progress")
    by_id = dict(zip(labelled(fact.text for fact in told.facts), told.facts, strict=True))
    try:
        reply, model, lines = await _ask(deps, llm, asked, told)
    except ModelUnavailable as error:
        yield Step("ask", "The model did not answer", "error")
        outcome = await _from_facts(deps, incident, topics.topic_of(asked) or Topic.STATUS, f"No model: {error}.")
        yield replace(outcome, ended=Ended("model unavailable"))
        return
    yield Step("ask", "Asked the model", "complete")
    known = model_use.known_names(deps.catalog)
    grounded = ground(as_said(reply.sentences), lines, known=known, told=PROMPT.instructions)
    kept, struck = len(grounded.kept), len(grounded.struck)
    await llm.was_grounded(model=model, kept=kept, struck=struck)
    yield Step("check", f"{kept} of {kept + struck} sentences are supported by what is known", "complete")
    if not kept:
        outcome = await _from_facts(deps, incident, topics.topic_of(asked) or Topic.STATUS, *_nothing(struck))
        yield replace(outcome, ended=Ended("struck" if struck else "facts do not say", model, struck, struck))
        return
    quoting = {key: (fact.text, fact.quote) for key, fact in by_id.items()}
    said = tuple(
        Fact(attributed(one, quoting, known), _cites([by_id[ref] for ref in one.evidence])) for one in grounded.kept
    )
    notes = tuple(part for part in (_marked(_used(told, len(lines))), f"{grounded.note}." if struck else "") if part)
    topic = topics.topic_of(asked)
    stored = tuple(await facts.known(deps, incident, topic)) if topic else ()
    worded = Answer(_heading(incident, "answer"), said, notes, is_worded=True, stored=stored)
    yield _Outcome(worded, Ended("answered", model, kept + struck, struck))


async def _ask(deps: Deps, llm: OnRecord, asked: str, told: Told) -> tuple[Reply, str, dict[str, str]]:
    """Return the reply, the model that gave it, and the lines that this one was shown."""
    lines = labelled(fact.text for fact in told.facts)
    reply, deadline = citing(Reply, lines), deps.policy.model_deadline
    answered = await llm.ask(PROMPT, _as_text(asked, lines), reply, deadline=deadline, spare=_spare(told))
    shown = {label: text for label, text in lines.items() if label not in answered.left_out}
    return answered.answer, answered.call.model, shown


async def would_ask(deps: Deps, incident: Incident, question: str) -> tuple[str, list[str]]:
    """Return what a model is sent with a question about an incident, and the labels of what may be left out of it."""
    told = await facts.everything(deps, incident, question)
    return _as_text(question, labelled(fact.text for fact in told.facts)), _spare(told)


def _spare(told: Told) -> list[str]:
    labels = dict(zip(told.facts, labelled(fact.text for fact in told.facts), strict=True))
    return [labels[fact] for fact in told.spare]


def _used(told: Told, shown: int) -> str:
    """How much of the messages was used, or of all facts where a model has no room for them, for people."""
    total = len(told.facts)
    return told.note if shown == total else f"{shown} of {total} facts used, the model has no room for more"


def _as_text(asked: str, lines: Mapping[str, str]) -> str:
    return as_lines({"Q": one_line(asked), **lines})


def _nothing(struck: int) -> tuple[str, ...]:
    because = f"what it said ({struck} sentences) is not supported" if struck else "the facts do not answer that"
    return (f"The model gave no answer: {because}. This is what is stored.",)


def _marked(note: str) -> str:
    return f"Worded by a language model; each sentence was checked against what it cites. {note}".strip()


def _cites(told: Sequence[Fact]) -> tuple[Cite, ...]:
    return tuple(dict.fromkeys(cite for fact in told for cite in fact.cites))[:CITES]


def _heading(incident: Incident, about: str) -> str:
    return f"{incident.label} {incident.title}: {about}"
