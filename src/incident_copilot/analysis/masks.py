"""Replaces the words of a log line that vary (times, ids, addresses, numbers, paths) by typed variables."""

import json
import re

# One alternation, tried in this order. Word boundaries keep `size4` and `utf8` whole.
_VARIABLES = re.compile(
    r"(?P<TIME>\b\d{4}[-/]\d\d[-/]\d\d(?:T\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|(?<![\w:.])\d\d?:\d\d(?::\d\d(?:[.,]\d+)?Z?)?(?![\w:]))"
    r"|(?P<UUID>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)"
    r"|(?P<MAC>(?<![\w:-])(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}(?![\w:-]))"
    r"|(?P<IP>(?<![\w.])/?\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.])"
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?![\w:])|(?<![\w:])fe80::[0-9a-fA-F:]+(?:%\w+)?)"
    r"|(?P<PATH>\b[a-z]+://[^\"'<>,;)\]]+|(?<![\w.])(?:/[\w.@%+~$-]+){2,}/?|(?<!\w)[A-Za-z]:(?:\\[^\\\s\"',;]+)+)"
    r"|(?P<STR>\"[^\"=:]{1,80}\"|(?<!\w)'[^'=]{1,80}'|(?<!\S)\*{4,}(?!\S))"
    r"|(?P<HEX>\b0[xX][0-9a-fA-F]+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,64}\b)"
    r"|(?P<DUR>(?<![\w.])-?\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|sec|secs|seconds|min|minutes)\b)"
    r"|(?P<NUM>(?<![\w.])[-+]?\d+(?:[.,]\d+)*%?(?!\w)|(?<=[_\-/:])-?\d+(?!\w))"
)
_TAGS = {name: f"<{name}>" for name in _VARIABLES.groupindex}
_MESSAGE_KEYS = ("msg", "message", "error", "err", "exception", "event", "log")
_LOGFMT = re.compile(r'(?:^|\s)(?:msg|message|error|err)="((?:[^"\\]|\\.)+)"')


class Masks:
    """Masks words and remembers up to `remembered` of them, since most words of a log return line after line."""

    def __init__(self, *, remembered: int = 200_000) -> None:
        self._remembered = remembered
        self._masked: dict[str, str] = {}

    def of(self, text: str) -> list[str]:
        """Return the words of `text`, their varying parts replaced by `<NUM>`, `<PATH>`, `<TIME>` and so on."""
        known = self._masked
        return [word if word.isalpha() else known.get(word) or self._mask(word) for word in text.split()]

    def _mask(self, word: str) -> str:
        if len(self._masked) >= self._remembered:
            self._masked.clear()
        masked = _VARIABLES.sub(lambda found: _TAGS[found.lastgroup or ""], word)
        self._masked[word] = masked
        return masked


def message_of(line: str) -> str:
    """Return what a line says: the message fields of a JSON object or of key=value logging, else the line."""
    line = line.strip()
    if line.startswith("{"):
        return _message_of_json(line)
    if '="' in line and (parts := _LOGFMT.findall(line)):
        return " ".join(dict.fromkeys(part.replace('\\"', '"') for part in parts))
    return line


def _message_of_json(line: str) -> str:
    try:
        fields = json.loads(line)
    except ValueError:
        return line
    parts = [fields[key] for key in _MESSAGE_KEYS if isinstance(fields.get(key), str)]
    return " ".join(dict.fromkeys(parts)) or line
