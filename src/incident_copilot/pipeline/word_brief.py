"""Where a model is configured, it words the brief's facts in two sentences; code strikes what the facts do not say."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.evidence import Quote
from incident_copilot.domain.hypothesis import Brief, Statement
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.outgoing import Outgoing
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.attribution import attributed
from incident_copilot.llm.grounding import Grounded, Sentence, as_said, citing, ground
from incident_copilot.llm.labelled import as_lines, labelled
from incident_copilot.llm.names import Known
from incident_copilot.pipeline import model_use, show, withholding
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import LLM
from incident_copilot.store import evidence, incidents
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

PROMPT = Prompt(
    purpose="brief",
    version=2,
    instructions="""\
Summarise the incident for an engineer who was just woken: what is broken and since when; what likely caused it, if the
data says so. At most two short sentences, in plain words, with the numbers exactly as they are written in the data.
Every line of the data begins with its id, such as F1. Give for each sentence the ids of the lines that say it.
""",
)
A_MOMENT = timedelta(milliseconds=1)  # so that the worded brief is the newer one


# A small model repeats a line with its id.
_LABEL = re.compile(r"^F\d{1,3}: ")


class Wording(BaseModel):
    """The model's answer."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[Sentence] = Field(min_length=1, max_length=3)


def wording_of(facts: Sequence["Fact"]) -> type[Wording]:
    """Return the type of an answer about these facts: where a server keeps to forms, it cites them and no others."""
    return citing(Wording, _by_id(facts))


class Fact(NamedTuple):
    """A line that the model is given, the evidence it rests on, and what of it is words of others."""

    text: str
    evidence_ids: tuple[str, ...] = ()
    quote: Quote | None = None


async def word_brief(deps: Deps, job: Job) -> None:
    """Ask for a wording of the newest brief; show what of it holds under the facts, or why there is none."""
    incident_id = job.payload["incident_id"]
    async with deps.db.read() as db:
        brief = await evidence.latest_brief(db, incident_id)
        why_not = await model_use.why_not_now(db, deps, await incidents.get(db, incident_id))
        facts = await facts_in(db, brief, deps.catalog) if brief else []
    if brief is None or deps.llm is None or why_not:
        # Or the model was taken out of the settings since the job was left.
        async with job.finish(deps.db):
            return
    leaving = await model_use.what_leaves(deps, as_text(facts), incident_id=incident_id)
    sent = await model_use.note_egress(deps, incident_id, PROMPT, leaving)
    grounded, call = await _ask(deps, deps.llm, facts, leaving)
    async with job.finish(deps.db) as tx:
        await model_use.note_call(tx, deps, incident_id, PROMPT.purpose, call)
        if grounded:
            kept, struck = len(grounded.kept), len(grounded.struck)
            await model_use.note_grounding(tx, sent, model=call.model, kept=kept, struck=struck)
        if await evidence.latest_brief(tx, incident_id) == brief:
            known = model_use.known_names(deps.catalog)
            told = _worded(brief, grounded, facts, known) if grounded else _without(brief, call)
            told = told.model_copy(update={"as_of": max(deps.now(), brief.as_of + A_MOMENT)})
            await evidence.add_brief(tx, told)
            await show.brief(tx, deps, await incidents.get(tx, incident_id), told, anew=False)


async def facts_in(db: Tx, brief: Brief, catalog: Catalog) -> list[Fact]:
    """Return what a model is given of a brief: no lines that anybody can have written, no services that opted out."""
    cited = await evidence.some(db, {ref for ids in show.statements(brief) for ref in ids})
    told = withholding.told(brief, withholding.withheld(cited, catalog), catalog)
    return facts_of(told, frozenset(item.id for item in cited if item.is_written))


async def _ask(deps: Deps, llm: LLM, facts: Sequence[Fact], leaving: Outgoing) -> tuple[Grounded | None, ModelCall]:
    try:
        answered = await llm.ask(PROMPT, leaving, wording_of(facts), deadline=deps.policy.model_deadline)
    except ModelUnavailable as error:
        return None, error.call
    grounded = ground_wording(answered.answer, facts, model_use.known_names(deps.catalog))
    if not grounded.kept:
        return grounded, answered.call.model_copy(update={"outcome": "struck: it said more than the evidence"})
    return grounded, answered.call


def ground_wording(wording: Wording, facts: Sequence[Fact], known: Known) -> Grounded:
    """Return which sentences of a wording the facts support (promise P11)."""
    said = [one.model_copy(update={"text": _LABEL.sub("", one.text)}) for one in wording.sentences]
    return ground(as_said(said), _by_id(facts), known=known, told=PROMPT.instructions)


def facts_of(brief: Brief, written: frozenset[str] = frozenset()) -> list[Fact]:
    """Return what the model is given: the brief's own lines and its first cause.

    Lines that cite evidence in `written` quote what anybody can have written, as to a log, so they are left out.
    """
    lines = [line for line in brief.lines if not written.intersection(line.evidence_ids)]
    facts = [Fact(brief.headline, quote=brief.report), *(Fact(one.text, one.evidence_ids, one.quote) for one in lines)]
    if brief.suspect:
        cited = tuple(ref for why in brief.suspect.supporting for ref in why.evidence_ids)
        facts.append(Fact(f"{brief.suspect.verdict} cause: {brief.suspect.cause}", tuple(dict.fromkeys(cited))))
    return facts


def as_text(facts: Sequence[Fact]) -> str:
    """Return the facts as the model reads them."""
    return as_lines(_by_id(facts))


def _by_id(facts: Sequence[Fact]) -> dict[str, str]:
    return labelled(fact.text for fact in facts)


def _worded(brief: Brief, grounded: Grounded, facts: Sequence[Fact], known: Known) -> Brief:
    """The brief with the sentences that stand, each with its evidence, and one line about the others."""
    by_id = dict(zip(_by_id(facts), facts, strict=True))
    told = {key: (fact.text, fact.quote) for key, fact in by_id.items()}
    worded = tuple(
        Statement(
            text=attributed(one, told, known),
            evidence_ids=tuple(dict.fromkeys(ref for key in one.evidence for ref in by_id[key].evidence_ids)),
        )
        for one in grounded.kept
    )
    return brief.model_copy(update={"worded": worded, "struck": grounded.note})


def _without(brief: Brief, call: ModelCall) -> Brief:
    """The brief as it was, and one line on why the model added nothing."""
    return brief.model_copy(update={"note": f"Without the model: {call.outcome}."})
