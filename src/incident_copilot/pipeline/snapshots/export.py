"""Write a snapshot out, into a folder or a zip file, and read one back to be checked."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from incident_copilot.errors import ConfigError, UnknownThing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.snapshots.check import ROW
from incident_copilot.pipeline.snapshots.keep import Kept
from incident_copilot.store import snapshots

ZIP = ".zip"


async def files_of(deps: Deps, kept: Kept) -> dict[str, bytes]:
    """Return the files of a snapshot, and beside them the row of the log that vouches for it."""
    async with deps.db.read() as db:
        files = await snapshots.files(db, kept.row)
    return {**files, ROW: kept.row.model_dump_json(indent=1).encode() + b"\n"}


def chosen(every: list[Kept], number: int, label: str) -> Kept:
    """Return the snapshot of a number. Raises UnknownThing: there is none, or it was cut by the retention policy."""
    found = [one for one in every if one.manifest.number == number]
    if not found:
        raise UnknownThing(f"there is no snapshot {number} of {label}")
    return found[0]


def write(files: Mapping[str, bytes], place: Path) -> None:
    """Write files into a folder, or into a zip file where the name ends so. Raises ConfigError: something is there."""
    try:
        if place.suffix == ZIP:
            with zipfile.ZipFile(place, "x", zipfile.ZIP_DEFLATED) as archive:
                for name, body in files.items():
                    archive.writestr(name, body)
            return
        place.mkdir(parents=True)
        for name, body in files.items():
            (place / name).write_bytes(body)
    except FileExistsError:
        raise ConfigError(f"{place} is there already; name one that is not") from None
    except OSError as error:
        raise ConfigError(f"{place}: {error.strerror}") from None


def read(place: Path) -> dict[str, bytes]:
    """Return the files of a folder or zip file. Raises ConfigError: it cannot be read."""
    try:
        if place.suffix == ZIP:
            with zipfile.ZipFile(place) as archive:
                return {one: archive.read(one) for one in archive.namelist()}
        return {one.name: one.read_bytes() for one in sorted(place.iterdir())}
    except (OSError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{place} cannot be read: {error}") from None
