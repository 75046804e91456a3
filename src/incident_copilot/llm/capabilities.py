"""What a server takes: assumed to be everything, until it refuses something and a question without that is answered."""

from dataclasses import dataclass, replace

_WORDS = (
    (
        "limits",
        (
            *("pattern", "minlength", "maxlength", "minitems", "maxitems", "'minimum'", "'maximum'", "'default'"),
            *("invalid schema", "grammar", "features not supported", "schema conversion", '"const"'),
        ),
    ),
    ("system", ("system role", "'system'", '"system"', "system message", "system prompt")),
    ("usage", ("stream_options",)),
    ("tool_choice", ("tool_choice",)),
    ("max_tokens", ("max_tokens", "max_completion_tokens")),
    ("seed", ("seed",)),
    ("temperature", ("temperature",)),
    ("tools", ("tool", "function call", "function_call", "functions", "jinja")),
    ("json_schema", ("response_format", "text.format", "json_schema", "json schema", "schema", "grammar")),
    ("stream", ("stream",)),
)
"""By what words a refusal names a feature; what holds another's words, or is the smaller loss, stands before it."""
_NEVER_GUESSED = frozenset({"max_tokens", "system"})


@dataclass(frozen=True)
class Capabilities:
    """What one server takes with one model; `max_tokens` is False where it wants `max_completion_tokens` instead.

    `limits` are those of lengths and ranges within a schema. `thinks` is the model's: it needs more room for an answer.
    """

    json_schema: bool = True
    tools: bool = True
    tool_choice: bool = True
    stream: bool = True
    usage: bool = True
    seed: bool = True
    temperature: bool = True
    max_tokens: bool = True
    limits: bool = True
    system: bool = True
    thinks: bool = False

    def less(self, refusal: str) -> "Capabilities | None":
        """Return them without what a refusal names; None where it names nothing that was sent."""
        said = refusal.lower()
        for name, words in _WORDS:
            if getattr(self, name) and any(word in said for word in words):
                return replace(self, **{name: False})
        return None

    def least(self) -> "Capabilities | None":
        """Return none of them, for refusals that name nothing; None where that was tried."""
        least = replace(self, **{name: False for name, _ in _WORDS if name not in _NEVER_GUESSED})
        return None if self == least else least

    def without_tools(self) -> "Capabilities":
        """Return them without tools, for servers that take them and let the model write a text instead."""
        return replace(self, tools=False)

    def with_thoughts(self) -> "Capabilities":
        """Return them for a model that used up the room of its answer before it began one."""
        return replace(self, thinks=True)

    def in_words(self) -> "Capabilities":
        """Return them without the schema, for servers that take it and do not keep to it: the words then hold it."""
        return replace(self, json_schema=False)
