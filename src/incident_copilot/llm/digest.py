"""Sums up a channel too long for one question: part by part, then the parts; each sentence is checked each time."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.prompt import Prompt
from incident_copilot.errors import ModelUnavailable
from incident_copilot.llm.budgeting import Piece, chunks, pick
from incident_copilot.llm.grounding import Said, Sentence, Struck, as_said, ground
from incident_copilot.llm.names import Known
from incident_copilot.ports import Asks

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


class Summary(BaseModel):
    """The model's answer to either question."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[Sentence] = Field(max_length=8)


class Digest(Frozen):
    """What stands, each sentence with the ids of the messages; what was struck; how much was used, for people."""

    sentences: tuple[Said, ...]
    struck: tuple[Struck, ...]
    note: str
    calls: tuple[ModelCall, ...]


async def digest(
    llm: Asks,
    pieces: Sequence[Piece],
    *,
    about: str,
    deadline: timedelta,
    room: int = 6_000,
    most_parts: int = 5,
    known: Known = _NOTHING_KNOWN,
) -> Digest:
    """Return a summary in at most `most_parts` + 1 questions of `room` characters; a part without an answer is noted.

    Where the parts cannot be put together their sentences stand as they are.
    """
    picked = pick(pieces, budget=room * most_parts, about=about)
    asking = _Asking(llm, deadline, known)
    parts = chunks(picked.pieces, room)[:most_parts]
    said = [sentence for part in parts for sentence in await asking.ask(PART, {one.id: one.text for one in part})]
    used = sum(len(part) for part in parts)
    notes = [] if used == picked.total else [f"{used} of {picked.total} {picked.noun} used"]
    if asking.unanswered:
        notes.append(f"{asking.unanswered} of {len(parts)} parts without an answer")
    if len(parts) > 1 and len(said) > 1:
        said = await _together(asking, said) or said
    return Digest(sentences=tuple(said), struck=tuple(asking.struck), note="; ".join(notes), calls=tuple(asking.calls))


async def _together(asking: "_Asking", said: Sequence[Said]) -> list[Said]:
    by_id = {f"S{number}": sentence for number, sentence in enumerate(said, 1)}
    joined = await asking.ask(WHOLE, {key: sentence.text for key, sentence in by_id.items()})
    return [
        Said(
            text=one.text,
            evidence=tuple(dict.fromkeys(ref for key in one.evidence for ref in by_id[key].evidence)),
        )
        for one in joined
    ]


class _Asking:
    """Asks and keeps what stands; counts what does not, and what was not answered."""

    def __init__(self, llm: Asks, deadline: timedelta, known: Known) -> None:
        self._llm, self._deadline, self._known = llm, deadline, known
        self.struck: list[Struck] = []
        self.calls: list[ModelCall] = []
        self.unanswered = 0

    async def ask(self, prompt: Prompt, evidence: Mapping[str, str]) -> Sequence[Said]:
        # One line each: nobody can begin a message of somebody else inside their own.
        lines = {key: " ".join(text.split()) for key, text in evidence.items()}
        text = "\n".join(f"{key}: {line}" for key, line in lines.items())
        try:
            answered = await self._llm.ask(prompt, text, Summary, deadline=self._deadline)
        except ModelUnavailable as error:
            self.calls.append(error.call)
            self.unanswered += prompt is PART
            return ()
        self.calls.append(answered.call)
        grounded = ground(as_said(answered.answer.sentences), lines, known=self._known, told=prompt.instructions)
        self.struck += grounded.struck
        return grounded.kept
