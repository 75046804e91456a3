"""Sums up a channel too long for one question: part by part, then the parts; each sentence is checked each time."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.budgeting import Piece, chunks, pick
from incident_copilot.llm.grounding import Said, Sentence, Struck, as_said, citing, ground
from incident_copilot.llm.labelled import as_lines, labelled, one_line
from incident_copilot.llm.names import Known
from incident_copilot.ports import OnRecord

PART = Prompt(
    purpose="digest.part",
    version=1,
    instructions="""\
These are messages of an incident's channel, oldest first; every line begins with its id. Say in at most five short
sentences what was found, decided and done. Give for each sentence the ids of the messages that say it.
""",
)
WHOLE = Prompt(
    purpose="digest.whole",
    version=1,
    instructions="""\
These are sentences about parts of one incident, oldest first; every line begins with its id. Put them together into at
most five short sentences, without saying anything twice. Give for each sentence the ids of the sentences it is made of.
""",
)
_NOTHING_KNOWN = Known()
ROOM = 6_000
"""Characters of messages in one question."""


class Summary(BaseModel):
    """The model's answer to either question."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[Sentence] = Field(max_length=8)


class Parts(NamedTuple):
    """What is asked about, a question each, of how many messages, and which of these are pinned."""

    questions: tuple[Mapping[str, str], ...]
    """By the id of each message its text on one line."""
    total: int
    pinned: frozenset[str]

    def used(self, left_out: int = 0) -> str:
        """Return how much of the material is asked about, for people; questions had no room for what is `left_out`."""
        return f"{sum(map(len, self.questions)) - left_out} of {self.total} messages used"

    def spare(self, question: Mapping[str, str]) -> list[str]:
        """Return the ids of the messages that may be left out of a question, the oldest first."""
        return [key for key in question if key not in self.pinned]


class Digest(Frozen):
    """What stands, each sentence with the ids of the messages; what was struck; how much was used, for people."""

    sentences: tuple[Said, ...]
    struck: tuple[Struck, ...]
    note: str


def parts_of(pieces: Sequence[Piece], *, about: str, room: int = ROOM, most: int = 5) -> Parts:
    """Return what is asked in at most `most` questions of `room` characters: what is pinned, new and to the point."""
    budget, longest = room * most, max((len(one.text) for one in pieces), default=0)
    picked = pick(pieces, budget=budget, about=about)
    while len(parts := chunks(picked.pieces, room)) > most:
        # A part ends where the next message does not fit; what does not fit at all is never the newest.
        budget -= longest
        picked = pick(pieces, budget=budget, about=about)
    asked = tuple(one for part in parts for one in part)
    questions = tuple({one.id: one_line(one.text) for one in part} for part in parts)
    return Parts(questions, len(pieces), frozenset(one.id for one in asked if one.pinned))


async def digest(llm: OnRecord, parts: Parts, *, deadline: timedelta, known: Known = _NOTHING_KNOWN) -> Digest:
    """Return a summary in a question for each part and one more; a part without an answer is noted.

    Where the parts cannot be put together their sentences stand as they are.
    """
    asking = _Asking(llm, deadline, known)
    said = [sentence for part in parts.questions for sentence in await asking.ask(PART, part, parts.spare(part))]
    notes = [parts.used(asking.left_out)]
    if asking.unanswered:
        notes.append(f"{asking.unanswered} of {len(parts.questions)} parts without an answer")
    if len(parts.questions) > 1 and len(said) > 1:
        said = await _together(asking, said) or said
    return Digest(sentences=tuple(said), struck=tuple(asking.struck), note="; ".join(notes))


async def _together(asking: "_Asking", said: Sequence[Said]) -> list[Said]:
    lines = labelled((one.text for one in said), "S")
    by_label = dict(zip(lines, said, strict=True))
    return [
        Said(
            text=one.text,
            evidence=tuple(dict.fromkeys(ref for label in one.evidence for ref in by_label[label].evidence)),
        )
        for one in await asking.ask(WHOLE, lines)
    ]


class _Asking:
    """Asks and keeps what stands; counts what does not, what was not answered, and what there was no room for."""

    def __init__(self, llm: OnRecord, deadline: timedelta, known: Known) -> None:
        self._llm, self._deadline, self._known = llm, deadline, known
        self.struck: list[Struck] = []
        self.unanswered = self.left_out = 0

    async def ask(self, prompt: Prompt, lines: Mapping[str, str], spare: Sequence[str] = ()) -> Sequence[Said]:
        form = citing(Summary, lines)
        try:
            answered = await self._llm.ask(prompt, as_lines(lines), form, deadline=self._deadline, spare=spare)
        except ModelUnavailable:
            self.unanswered += prompt is PART
            return ()
        self.left_out += len(answered.left_out)
        lines = {label: text for label, text in lines.items() if label not in answered.left_out}
        grounded = ground(as_said(answered.answer.sentences), lines, known=self._known, told=prompt.instructions)
        kept, struck = len(grounded.kept), len(grounded.struck)
        await self._llm.was_grounded(model=answered.call.model, kept=kept, struck=struck)
        self.struck += grounded.struck
        return grounded.kept
