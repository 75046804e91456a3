"""ModelCall: what one question to a language model took and came to."""

from incident_copilot.domain.base import Frozen


class ModelCall(Frozen):
    """One call; `outcome` is "answered" or says why there is no answer. Tokens are 0 where the server does not say."""

    model: str
    outcome: str
    latency_ms: int
    input_tokens: int = 0
    output_tokens: int = 0
