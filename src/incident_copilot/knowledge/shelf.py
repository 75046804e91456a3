"""What search finds in, as it is now: a folder of runbooks that is read again where it changed, and past incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.knowledge.files import markdown_files
from incident_copilot.knowledge.kinds import kinds
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.meaning import Meaning
from incident_copilot.knowledge.runbooks import ReadFiles, Stamp, load_runbooks, stamp_of
from incident_copilot.knowledge.similar import Kinds, PastIndex


@dataclass
class Shelf:
    """The newest indexes; each is whole, and put in the place of the last one between two questions.

    None until there is one.
    """

    runbooks: RunbookIndex | None = None
    past: PastIndex | None = None


class RunbookFolder:
    """A folder of runbooks; `read` takes in what changed since the last time."""

    def __init__(self, root: Path, meaning: Meaning | None = None) -> None:
        self._root = root
        self._meaning = meaning
        self._stamps: dict[str, Stamp | None] | None = None
        self._files: ReadFiles = {}
        self._last: RunbookIndex | None = None

    def read(self) -> RunbookIndex:
        """The index over the folder as it is now; the same one where nothing has changed. Takes the processor's time.

        Raises:
            ConfigError: it is no folder.
        """
        stamps = _stamps(self._root)
        if stamps == self._stamps and self._last is not None:
            return self._last
        library = load_runbooks(self._root, files=self._files)
        self._last = RunbookIndex.build(library, self._last, self._meaning)
        self._stamps = stamps
        return self._last


def past_index(incidents: Sequence[PastIncident], shelf: Shelf, meaning: Meaning | None) -> PastIndex:
    """The index over past incidents; those that the shelf holds already are not read again."""
    known = shelf.past.kinds if shelf.past else Kinds.of(kinds(), meaning)
    return PastIndex.build(incidents, known, meaning, before=shelf.past)


def _stamps(root: Path) -> dict[str, Stamp | None]:
    """The stamp of each file; None for a link to nothing, which loading names."""
    return {name: stamp_of(root, name) for name in markdown_files(root, [])}
