"""ModelCall: what one question to a language model took and came to."""

from enum import StrEnum

from incident_copilot.domain.base import Frozen


class Role(StrEnum):
    """What kind of model a question wants; settings name the models."""

    FAST = "fast"
    STRONG = "strong"


class ModelCall(Frozen):
    """One call; `outcome` is "answered" or says why there is no answer. Tokens are 0 where the server does not say.

    `prompt` is the purpose of the prompt. `cost_usd` is None where the model has no price; `temperature`, `seed` and
    `reasoning_effort` are None where the server would not take them, and the last one where none is set.
    `sent_characters` is how much untrusted text the last question had, after redaction; `lacked` says in words what of
    it was cut for want of room, "" where nothing was.
    """

    model: str
    outcome: str
    latency_ms: int
    input_tokens: int = 0
    output_tokens: int = 0
    role: Role = Role.FAST
    prompt: str = ""
    prompt_version: int = 0
    prompt_digest: str = ""
    cost_usd: float | None = None
    temperature: float | None = None
    seed: int | None = None
    sent_characters: int = 0
    reasoning_effort: str | None = None
    lacked: str = ""
