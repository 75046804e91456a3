"""Where a model is configured, it words the brief's facts in two sentences; code checks that it added none."""

import re
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import ModelUnavailable
from incident_copilot.pipeline import show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import LLM
from incident_copilot.store import evidence, incidents, model_calls
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

PROMPT = Prompt(
    purpose="brief",
    version=1,
    instructions="""\
Summarise the incident for an engineer who was just woken: what is broken and since when; what likely caused it, if the
data says so. At most two short sentences, in plain words, with the numbers exactly as they are written in the data.
""",
)
A_MOMENT = timedelta(milliseconds=1)  # so that the worded brief is the newer one
FIGURE = re.compile(r"\d[\d.,:]*")
NOT_OURS = re.compile(r"https?:|[<>`\[\]|]|@\w|\$\(")
DECISIONS = re.compile(
    r"\b(?:approv\w*|click\w*|button|ignore|instructions?|install\w*|execute|sudo|curl|wget|apt|ppa|password|secret)\b",
    re.IGNORECASE,
)
"""What a summary of facts has no use for, and an injected instruction has: deciding, running, asking people to."""
REPEATED = 8  # words in a row
BUDGET = timedelta(hours=1)


class Wording(BaseModel):
    """The model's answer."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[str] = Field(min_length=1, max_length=3)


async def word_brief(deps: Deps, job: Job) -> None:
    """Ask for a wording of the newest brief; show it under the facts if it holds, else leave the brief as it is."""
    incident_id = job.payload["incident_id"]
    async with deps.db.read() as db:
        brief = await evidence.latest_brief(db, incident_id)
        logged = await _from_logs(db, brief) if brief else frozenset()
        asked = await model_calls.count_since(db, deps.workspace_id, deps.now() - BUDGET)
    if brief is None or deps.llm is None or asked >= deps.policy.model_calls_per_hour:
        # Or the model was taken out of the settings since the job was left.
        async with job.finish(deps.db):
            return
    wording, call = await _ask(deps, deps.llm, brief, logged)
    async with job.finish(deps.db) as tx:
        await model_calls.add(
            tx,
            workspace_id=deps.workspace_id,
            incident_id=incident_id,
            purpose=PROMPT.purpose,
            call=call,
            now=deps.now(),
        )
        if wording and await evidence.latest_brief(tx, incident_id) == brief:
            worded = brief.model_copy(update={"wording": wording, "as_of": max(deps.now(), brief.as_of + A_MOMENT)})
            await evidence.add_brief(tx, worded)
            await show.brief(tx, deps, await incidents.get(tx, incident_id), worded, anew=False)


async def _from_logs(db: Tx, brief: Brief) -> frozenset[str]:
    cited = await evidence.some(db, {ref for line in brief.lines for ref in line.evidence_ids})
    return frozenset(item.id for item in cited if item.kind is EvidenceKind.LOG)


async def _ask(deps: Deps, llm: LLM, brief: Brief, logged: frozenset[str]) -> tuple[str | None, ModelCall]:
    facts = facts_of(brief, logged)
    try:
        answered = await llm.ask(PROMPT, facts, Wording, deadline=deps.policy.model_deadline)
    except ModelUnavailable as error:
        return None, error.call
    said = " ".join(sentence.strip() for sentence in answered.answer.sentences)
    if not is_supported(said, facts):
        return None, answered.call.model_copy(update={"outcome": "dropped: it said more than the evidence"})
    return said, answered.call


def facts_of(brief: Brief, logged: frozenset[str] = frozenset()) -> str:
    """Return what the model is given: the brief's own lines and its first cause.

    Lines that cite evidence in `logged` quote what anybody can have written to a log, so they are left out.
    """
    lines = [brief.headline, *(line.text for line in brief.lines if not logged.intersection(line.evidence_ids))]
    if brief.suspect:
        lines.append(f"{brief.suspect.verdict} cause: {brief.suspect.cause}")
    return "\n".join(lines)


def is_supported(said: str, facts: str) -> bool:
    """Whether every figure of a wording is in the facts, and it has no link, mention, markup, command or decision, and
    nothing of what the model was told to do (promise P11)."""
    known = {figure.strip(".,:") for figure in FIGURE.findall(facts)}
    figures = (figure.strip(".,:") for figure in FIGURE.findall(said))
    is_plain = len(said) <= 600 and not (NOT_OURS.search(said) or DECISIONS.search(said))
    return is_plain and not _tells_of_instructions(said) and all(figure in known for figure in figures)


def _tells_of_instructions(said: str) -> bool:
    told = _runs_of_words(PROMPT.instructions)
    return not told.isdisjoint(_runs_of_words(said))


def _runs_of_words(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + REPEATED]) for start in range(len(words) - REPEATED + 1)}
