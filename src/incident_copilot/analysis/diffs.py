"""Reads a unified diff (or any text naming a change) for what it touches and which settings it moves."""

import re
from dataclasses import dataclass

_PATH = re.compile(r"^(?:\+\+\+|---) (?:[ab]/)?(\S+)|^diff --git a/(\S+)")
_SETTING = re.compile(r"""^\s*["']?([A-Za-z_][\w.\-]*)["']?\s*[:=]\s*["']?([\w.%/:+\-]+)["']?[\s,;]*$""")
_ARROW = re.compile(r"([A-Za-z_][\w.\-]*)\s*[:=]?\s*[\"']?([\w.\-]+)[\"']?\s*(?:->|=>|→)\s*[\"']?([\w.\-]+)")
_HARMLESS = re.compile(
    r"(?:^|/)(?:docs?|tests?|__tests__|spec|\.github)/|\.(?:md|rst|txt|adoc)$|(?:^|/)test_|[_.]test\.",
    re.IGNORECASE,
)
# A prompt is code for a model, also when it is written in Markdown.
_PROMPT = re.compile(r"prompt", re.IGNORECASE)


@dataclass(frozen=True)
class SettingChange:
    """One key whose value the change moved."""

    key: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.key} {self.old} -> {self.new}"


@dataclass(frozen=True)
class Diff:
    """What a diff touches: file paths, added and removed lines, settings whose value moved."""

    paths: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    settings: tuple[SettingChange, ...]

    @property
    def harmless(self) -> bool:
        """Whether only documentation, tests or workflow files are touched."""
        return bool(self.paths) and all(_HARMLESS.search(path) and not _PROMPT.search(path) for path in self.paths)


def read_diff(text: str) -> Diff:
    """Return what `text` changes; text without diff marks counts as added lines, `key: 20 -> 4` as a setting."""
    paths: dict[str, None] = {}
    added: list[str] = []
    removed: list[str] = []
    plain: list[str] = []
    for line in text.splitlines():
        if path := _PATH.match(line):
            name = path[1] or path[2]
            if name != "/dev/null":
                paths[name] = None
        elif line.startswith("+"):
            added.append(line[1:].strip())
        elif line.startswith("-"):
            removed.append(line[1:].strip())
        else:
            plain.append(line.strip())
    if not (added or removed):
        added = [line for line in plain if line]
    return Diff(tuple(paths), tuple(added), tuple(removed), _settings(added, removed))


def _settings(added: list[str], removed: list[str]) -> tuple[SettingChange, ...]:
    """Pair the removed and added values of the same key, and read the arrow notation."""
    found = [SettingChange(*arrow) for line in added for arrow in _ARROW.findall(line)]
    was = {setting[1]: setting[2] for line in removed if (setting := _SETTING.match(line))}
    for line in added:
        setting = _SETTING.match(line)
        if setting and setting[1] in was and was[setting[1]] != setting[2]:
            found.append(SettingChange(setting[1], was[setting[1]], setting[2]))
    return tuple(found)
