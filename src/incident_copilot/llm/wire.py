"""What is asked of a server and what it said, whichever API it speaks; and the trouble that it can be."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

JsonObject = dict[str, Any]
CHARACTERS_A_TOKEN = 4
"""About, in English; for what no server counts."""


class Look(NamedTuple):
    """A tool that was used before this question; `result` is within its fence."""

    name: str
    arguments: str
    result: str


class Offer(NamedTuple):
    """A tool that the model may ask for, or by which it answers; `schema` is that of its arguments."""

    name: str
    description: str
    schema: JsonObject


@dataclass(frozen=True)
class Question:
    """One question. `schema` is that of the answer, None where tools are offered or the data holds it in words.

    `wants_json` where the server is to keep the answer to JSON, whatever its form.
    `said_before` are answers that did not fit, each with what is wrong with it.
    """

    model: str
    instructions: str
    data: str
    most_tokens: int
    looks: tuple[Look, ...] = ()
    offers: tuple[Offer, ...] = ()
    schema: JsonObject | None = None
    wants_json: bool = False
    said_before: tuple[tuple[str, str], ...] = ()


def in_words(look: Look) -> Iterator[JsonObject]:
    """Return a tool's use as messages, for servers without tools."""
    yield {"role": "assistant", "content": f"{look.name} {look.arguments}"}
    yield {"role": "user", "content": look.result}


def unfit_before(question: Question) -> Iterator[JsonObject]:
    """Return the answers that did not fit as messages, each followed by what is wrong with it."""
    for said, problem in question.said_before:
        yield {"role": "assistant", "content": said}
        yield {"role": "user", "content": problem}


class Asked(NamedTuple):
    """A tool that the model asked for; its arguments as it wrote them."""

    name: str
    arguments: str


@dataclass(frozen=True)
class Reply:
    """What a server said; `hit_limit` where it wrote until its limit, `is_cut` where the connection broke before."""

    text: str = ""
    refusal: str = ""
    asked: tuple[Asked, ...] = ()
    hit_limit: bool = False
    is_cut: bool = False
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass
class Trouble(Exception):
    """No answer. `said` is the server's own text, for finding out what it will not take; never shown.

    `is_servers` where the server is at fault and others would fare alike, `wait_s` after how long to ask again, None
    where it does not say; `may_ask_less` where the same question in a plainer form may be answered, `is_too_long`
    where one with less material may be.
    """

    reason: str
    status: int = 0
    said: str = field(default="", repr=False)
    is_servers: bool = True
    wait_s: float | None = None
    may_retry: bool = False
    may_ask_less: bool = True
    is_too_long: bool = False


class Backend(Protocol):
    """One API of OpenAI's."""

    path: str

    def body(self, question: Question, can: Any) -> JsonObject:
        """Return the request's body, with no more in it than the server takes."""
        ...

    def reply(self, payloads: list[JsonObject], *, is_cut: bool) -> Reply:
        """Return what the server said; `payloads` is the whole answer, or the events of its stream.

        Raises:
            Trouble: the server says that it failed.
            ValidationError: it is not of this API.
        """
        ...
