"""What a server takes: assumed to be everything, until it refuses something and a question without that is answered."""

import re
from dataclasses import dataclass, replace

_OF_LIMITS = (
    r"pattern|(?:min|max)(?:length|items)|'(?:minimum|maximum|default)'"
    r"|grammar|invalid schema|schema conversion|features not supported"
)
_OF_FORMS = r"response_format|text\.format|schema|grammar|json_object|json mode"
_WORDS = (
    ("limits", _OF_LIMITS),
    ("system", r"does not support 'system'|system role"),
    ("usage", r"stream_options"),
    ("tool_choice", r"tool_choice"),
    ("max_tokens", r"max_tokens|max_completion_tokens"),
    ("seed", r"seed"),
    ("temperature", r"temperature"),
    ("tools", r"function tools with reasoning"),
    ("reasoning_effort", r"reasoning|think"),
    ("tools", r"tool|function[ _]call|functions|jinja|roles must alternate"),
    ("json_schema", _OF_FORMS),
    ("json_object", _OF_FORMS),
    ("stream", r"stream"),
)
"""By what words a refusal names a feature; what holds another's words, or is the smaller loss, stands before it."""
_NEVER_GUESSED = frozenset({"max_tokens", "system"})


@dataclass(frozen=True)
class Capabilities:
    """What one server takes with one model; `max_tokens` is False where it wants `max_completion_tokens` instead.

    `json_object` is JSON of no certain form, for where a schema is not taken. `limits` are those of lengths and ranges
    within a schema. `thinks` is the model's: it needs more room for an answer. `reasoning_effort` is sent only where it
    is set.
    """

    json_schema: bool = True
    json_object: bool = True
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
    reasoning_effort: bool = False

    def less(self, refusal: str) -> "Capabilities | None":
        """Return them without what a refusal names; None where it names nothing that was sent."""
        said = refusal.lower()
        for name, words in _WORDS:
            if getattr(self, name) and re.search(words, said):
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
