"""What runs of both state machines have in common: a database of their own, a loop, and an ear for bugs."""

import asyncio
import itertools
import logging
import shutil
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine


class Bugs(logging.Handler):
    """Everything that the copilot logs as a bug of its own."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.found = []

    def emit(self, record):
        if record.exc_info:
            self.found.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


class Run(RuleBasedStateMachine):
    """One run; `migrated_file` and `folder` are set by who runs it, `steps` and `examples` are counted by kind."""

    migrated_file: Path
    folder: Path
    steps = 0
    examples = 0
    _files = itertools.count()

    def __init__(self):
        super().__init__()
        type(self).examples += 1
        self.loop = asyncio.new_event_loop()
        self.bugs = Bugs()
        logging.getLogger("incident_copilot").addHandler(self.bugs)
        self.file = self.folder / f"{next(self._files)}.db"
        shutil.copy(self.migrated_file, self.file)

    def end(self, closing):
        """Close what is open, then the loop; leave no file."""
        self.do(closing)
        self.loop.close()
        logging.getLogger("incident_copilot").removeHandler(self.bugs)
        for path in self.folder.glob(f"{self.file.name}*"):
            path.unlink()

    def do(self, doing):
        """Return what is awaited."""
        return self.loop.run_until_complete(doing)
