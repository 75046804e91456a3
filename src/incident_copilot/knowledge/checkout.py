"""Get a git repository's files with the git client of this machine, as they are now and without their history."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from incident_copilot.errors import ConfigError

DEADLINE_S = 120
_ADDRESS = re.compile(r"(?:https|ssh|git|file)://\S+|[\w.-]+@[\w.-]+:\S+")


def is_address(place: str) -> bool:
    """Whether this names a repository elsewhere, as in https://git.example/team/reports.git; else it is a folder."""
    return _ADDRESS.fullmatch(place) is not None


@contextmanager
def checked_out(address: str) -> Iterator[Path]:
    """A folder with the files of the newest commit; it is gone afterwards.

    Raises:
        ConfigError: there is no git client, or it cannot read the repository; says what git said.
    """
    client = shutil.which("git")
    if client is None:
        raise ConfigError(f"{address}: git is not installed; install it, or name a folder")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "checkout"
        _clone(client, address, folder)
        yield folder


def _clone(client: str, address: str, folder: Path) -> None:
    # It must not ask for a password, nor run a program that an address names.
    command = [client, "-c", "protocol.ext.allow=never", "clone", "--quiet", "--depth=1", "--", address, str(folder)]
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    except subprocess.TimeoutExpired:
        raise ConfigError(f"{address}: git gave no answer in {DEADLINE_S} s; try again, or name a folder") from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason"])[-1]
        raise ConfigError(f"{address}: git could not read it ({said}); check the address and your access")
