"""Where a model is configured, it words a draft that somebody asked for; what the facts do not say is marked.

The model is given the lines of the template, and for colleagues those of the brief: nothing that its readers may not
see. The promise of the next update stays as code wrote it, and so does each sentence of the template that the
model's words do not say: nobody is to approve less than was computed.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.evidence import Quote
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.outgoing import Outgoing
from incident_copilot.domain.prompt import Prompt
from incident_copilot.domain.proposal import Audience, Proposal, ProposalState
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.attribution import attributed
from incident_copilot.llm.fencing import RULES
from incident_copilot.llm.grounding import Said, Sentence, as_said, citing, ground
from incident_copilot.llm.labelled import as_lines, labelled
from incident_copilot.llm.names import Known
from incident_copilot.llm.unwanted import as_shown, unwanted
from incident_copilot.pipeline import ledger, model_use, proposing, show, word_brief
from incident_copilot.pipeline.comms.languages import PHRASES
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.word_brief import Fact
from incident_copilot.ports import LLM
from incident_copilot.store import evidence, incidents, proposals
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

_TONES = {
    Audience.INTERNAL: "They are engineers: technical, exact, at most four short sentences.",
    Audience.MANAGEMENT: "They decide about people and money: impact, what to expect, who is on it; no jargon.",
    Audience.CUSTOMERS: "They want to know what they notice and what they can do: plain, friendly, no cause, no names.",
    Audience.EXTERNAL: "They are regulators and partners: sober and conservative, only what is certain, no cause.",
}
PROMPTS = {
    audience: Prompt(
        purpose=f"update for {audience.readers}",
        version=1,
        instructions=f"""\
Write a status update of an incident for {audience.readers} from the data. {tone}
Keep every number and time exactly as it is written in the data, and say nothing that is not in it: no causes, no
promises, no apologies of your own. At most four short sentences; no greeting and no heading.
Every line of the data begins with its id, such as F1. Give for each sentence the ids of the lines that say it.
""",
    )
    for audience, tone in _TONES.items()
}
_PROMISES = tuple(one.next_update.partition("{")[0] for one in PHRASES.values())
"""How the line begins that says when the next update comes: it sets a timer, so code alone writes it."""
MOST_OF_A_REASON = 200


class UpdateWording(BaseModel):
    """The model's answer."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[Sentence] = Field(min_length=1, max_length=6)


class Worded(NamedTuple):
    """What a draft becomes: its text, and the sentences in it that nothing supports, with the reason of each.

    `left_out` is how many are not in it: a link or an order of a model is put to nobody who approves with one click.
    """

    text: str
    marked: list[dict[str, str]]
    kept: int
    left_out: int = 0


async def word(deps: Deps, job: Job) -> None:
    """Ask for a wording of an open draft that nobody has touched; where none stands, the template stays."""
    async with deps.db.read() as db:
        draft = await proposals.get(db, job.payload["proposal_id"])
        facts = await facts_of(db, draft, deps.catalog)
        why_not = await model_use.why_not_now(db, deps, await incidents.get(db, draft.incident_id))
    audience = draft.audience
    if deps.llm is None or audience is None or why_not or not _is_fresh(draft):
        async with job.finish(deps.db):
            return
    prompt = PROMPTS[audience]
    lines = _labelled(facts)
    leaving = await model_use.what_leaves(deps, as_lines(lines), incident_id=draft.incident_id)
    sent = await model_use.note_egress(deps, draft.incident_id, prompt, leaving)
    answer, call = await _ask(deps, deps.llm, prompt, citing(UpdateWording, lines), leaving)
    worded = judged(deps, draft, prompt, facts, answer) if answer else None
    async with job.finish(deps.db) as tx:
        await model_use.note_call(tx, deps, draft.incident_id, prompt.purpose, call)
        if worded:
            struck = len(worded.marked) + worded.left_out
            await model_use.note_grounding(tx, sent, model=call.model, kept=worded.kept, struck=struck)
        if worded and worded.kept:
            await _put(tx, deps, draft, worded, call.model)


async def facts_of(db: Tx, draft: Proposal, catalog: Catalog) -> list[Fact]:
    """Return what a model is given of a draft: its own lines but the promise, and for colleagues those of the brief."""
    lines = [Fact(line) for line in _template(draft)]
    brief = await evidence.latest_brief(db, draft.incident_id)
    if draft.audience is not Audience.INTERNAL or brief is None:
        return lines
    if report := brief.report:
        # Colleagues are told in the first line what is broken, as it was reported.
        lines[:1] = [Fact(one.text, quote=Quote(by=report.by, text=one.text.partition(": ")[2])) for one in lines[:1]]
    return [*lines, *await word_brief.facts_in(db, brief, catalog)]


async def would_ask(deps: Deps, incident_id: str) -> list[tuple[Prompt, str]]:
    """Return what a model is sent to word each draft of an incident that nobody has touched."""
    async with deps.db.read() as db:
        drafts = await proposals.of_incident(db, incident_id, ProposalState.OPEN)
        return [
            (PROMPTS[draft.audience], as_lines(_labelled(await facts_of(db, draft, deps.catalog))))
            for draft in drafts
            if draft.audience and _is_fresh(draft)
        ]


def judged(deps: Deps, draft: Proposal, prompt: Prompt, facts: Sequence[Fact], answer: UpdateWording) -> Worded:
    """Return the text with the sentences in their order, and which of them the facts do not support (promise P11)."""
    by_id, known = _labelled(facts), model_use.known_names(deps.catalog)
    told = dict(zip(by_id, ((fact.text, fact.quote) for fact in facts), strict=True))
    said: list[str] = []
    sure: list[str] = []
    marked: list[dict[str, str]] = []
    left_out = 0
    for one in as_said(answer.sentences):
        found = ground([one], by_id, known=known, told=prompt.instructions)
        kept = [each for each in found.kept if not each.text.startswith(_PROMISES)]
        stated = [each for each in found.struck if _may_stand(each.text, prompt)]
        sure += [each.text for each in kept]
        said += [*(attributed(each, told, known) for each in kept), *(each.text for each in stated)]
        marked += [{"text": each.text, "reason": as_shown(each.reason, MOST_OF_A_REASON)} for each in stated]
        left_out += len(found.kept) + len(found.struck) - len(kept) - len(stated)
    unsaid = [left for line in _template(draft) if (left := _unsaid(line, " ".join(sure), known))]
    promise = [line for line in str(draft.shown["text"]).split("\n") if line.startswith(_PROMISES)]
    return Worded("\n".join([" ".join(said), *unsaid, *promise]), marked, len(sure), left_out)


def _labelled(facts: Sequence[Fact]) -> dict[str, str]:
    return labelled(fact.text for fact in facts)


def _template(draft: Proposal) -> list[str]:
    return [line for line in str(draft.shown["text"]).split("\n") if not line.startswith(_PROMISES)]


def _unsaid(line: str, text: str, known: Known) -> str:
    """Return the sentences of a line for which a text would not be evidence enough."""
    return " ".join(one.text for one in ground([Said(text=line, evidence=("W",))], {"W": text}, known=known).struck)


def _may_stand(text: str, prompt: Prompt) -> bool:
    """Whether a sentence that nothing supports is still one that people may be shown in a draft."""
    return unwanted(text, prompt.instructions + RULES) is None and not text.startswith(_PROMISES)


def _is_fresh(draft: Proposal) -> bool:
    return draft.state is ProposalState.OPEN and draft.version == 1


async def _ask(
    deps: Deps, llm: LLM, prompt: Prompt, form: type[UpdateWording], leaving: Outgoing
) -> tuple[UpdateWording | None, ModelCall]:
    try:
        answered = await llm.ask(prompt, leaving, form, deadline=deps.policy.model_deadline)
    except ModelUnavailable as error:
        return None, error.call
    return answered.answer, answered.call


async def _put(tx: Tx, deps: Deps, was: Proposal, worded: Worded, model: str) -> None:
    """Show the wording as a new version, unless somebody was at the draft meanwhile."""
    incident = await incidents.lock(tx, was.incident_id)
    now_is = await proposals.lock(tx, was.id)
    if now_is != was or await proposals.votes_on(tx, was):
        return
    shown = was.shown | {"text": worded.text, "marked": worded.marked, "worded_by": model}
    shown |= {"left_out": worded.left_out} if worded.left_out else {}
    draft = was.model_copy(update={"version": was.version + 1, "shown": shown})
    await proposals.save(tx, draft, was=was)
    payload = proposing.bound(draft) | {"model": model, "marked": len(worded.marked)}
    await ledger.write(tx, deps, incident.id, LogKind.EDITED, "copilot", payload)
    await show.proposal(tx, deps, incident, draft)
