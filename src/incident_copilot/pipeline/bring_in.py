"""Bring in what was written elsewhere, as often as one likes: old postmortems to be found, runbooks into the folder."""

import asyncio
import re
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from pathlib import Path

import httpx

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.domain.postmortem import Postmortem
from incident_copilot.errors import ConfigError, VendorError
from incident_copilot.knowledge.checkout import checked_out, is_address
from incident_copilot.knowledge.collect import Collected, as_markdown, collect, put
from incident_copilot.knowledge.reports import Reports, read_reports
from incident_copilot.pipeline import model_use
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import past_incidents
from incident_copilot.store.db import Tx
from incident_copilot.vendors.http import VendorHttp

LONGEST_TEXT = 20_000
LONGEST_EXCERPT = 400
FETCH_S = 10.0
IMPORTED = "imported"
"""The folder below that of the runbooks where those from elsewhere are, one folder for each source."""
OUR_OWN = "us"
"""The source of incidents that the copilot has seen itself."""

_SAFE = re.compile(r"[^a-z0-9]+")


async def postmortems(deps: Deps, place: str, source: str | None = None) -> list[str]:
    """Take in the reports of a folder or a repository; return what became of them, for people.

    Raises:
        ConfigError: they cannot be read; names the fix.
        StoreUnavailable: nothing was kept.
    """
    name = source or _name_of(place)
    reports = await asyncio.to_thread(_read, place, name)
    async with deps.db.transaction() as tx:
        saved = await past_incidents.save(tx, deps.workspace_id, reports.incidents, deps.now())
    counted = f"{saved.new} new, {saved.changed} changed, {saved.unchanged} as before"
    return [f"{len(reports.incidents)} postmortems of {name}: {counted}", *reports.problems]


async def runbooks(http: httpx.AsyncClient, root: Path, place: str, source: str | None = None) -> list[str]:
    """Copy the runbooks of a folder, a .zip, a repository, an address or a list of addresses below `root`.

    A page that cannot be fetched stays as it was fetched last.

    Raises:
        ConfigError: nothing can be read; names the fix.
    """
    name = source or _name_of(place)
    folder = root / IMPORTED / _SAFE.sub("-", name.lower()).strip("-")
    if addresses := pages_of(place):
        collected = await _fetched(http, addresses)
        keep: Collection[str] = list(map(_file_of, addresses))
    else:
        collected, keep = await asyncio.to_thread(_collected, place), ()
    done = await asyncio.to_thread(put, folder, collected.files, keep)
    counted = f"{done.new} new, {done.changed} changed, {done.unchanged} as before, {done.gone} gone"
    return [f"{len(collected.files)} runbooks of {name} in {folder}: {counted}", *collected.problems]


def pages_of(place: str) -> list[str]:
    """The web pages that this names: itself, or the lines of a file that ends in .txt; none where it is neither.

    Raises:
        ConfigError: a line of the list is no address.
    """
    if is_page(place):
        return [place]
    if not place.endswith(".txt"):
        return []
    try:
        lines = Path(place).read_text().splitlines()
    except OSError as error:
        raise ConfigError(f"{place}: cannot be read ({error.strerror}); write one address a line") from None
    addresses = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for at, address in enumerate(addresses, start=1):
        if not is_page(address):
            raise ConfigError(f"{place}: address {at} is not one of a page: {address[:100]}; write https://...")
    return addresses


def is_page(place: str) -> bool:
    """Whether this is the address of a web page; one that ends in .git is a repository."""
    return place.startswith(("https://", "http://")) and not place.endswith(".git")


async def _fetched(http: httpx.AsyncClient, addresses: Sequence[str]) -> Collected:
    files: dict[str, str] = {}
    problems = []
    for address in addresses:
        url = httpx.URL(address)
        site = VendorHttp(http, "runbooks", f"{url.scheme}://{url.netloc.decode()}", FETCH_S)
        try:
            text = await site.text(url.raw_path.decode().lstrip("/"))
            (made,) = as_markdown(_file_of(address), text, link=address).values()
            files[_file_of(address)] = made
        except (VendorError, ConfigError) as error:
            problems.append(f"{address}: {error}")
    if problems and not files:
        raise ConfigError(f"none of {len(problems)} pages could be read; the first: {problems[0]}")
    return Collected(files, tuple(problems))


def _file_of(address: str) -> str:
    """The file of a page: the host and all of the path, so that two pages are two files."""
    return f"{_SAFE.sub('-', address.partition('://')[2].lower()).strip('-')[:150]}.md"


def _collected(place: str) -> Collected:
    with checked_out(place) if is_address(place) else nullcontext(Path(place)) as folder:
        return collect(folder)


def _read(place: str, source: str) -> Reports:
    with checked_out(place) if is_address(place) else nullcontext(Path(place)) as folder:
        return read_reports(folder, source)


async def our_own(tx: Tx, deps: Deps, incident: Incident, written: Postmortem, markdown: str) -> None:
    """Let an incident of our own be found once its postmortem is written; private ones and drills are not."""
    if incident.private or incident.test:
        return
    past = PastIncident(
        id=incident.label,
        title=written.title,
        source=OUR_OWN,
        text=markdown[:LONGEST_TEXT],
        service=incident.service or "",
        happened_on=incident.started_at.date(),
        cause=_cause(written),
        ended="; ".join(part.heading for part in written.section("decisions").parts)[:LONGEST_EXCERPT],
        for_models=await model_use.why_never(tx, deps, incident) is None,
    )
    await past_incidents.save(tx, deps.workspace_id, [past], deps.now())


def _cause(written: Postmortem) -> str:
    """The heading of the likeliest cause; where people wrote the section, its first line."""
    section = written.section("causes")
    said = [part.heading for part in section.parts] or [line.text for line in section.lines]
    return said[0][:LONGEST_EXCERPT] if said else ""


def _name_of(place: str) -> str:
    """The last part of a path or an address, without .git."""
    parts = [part for part in re.split(r"[/:\\]", place.removesuffix(".git")) if part not in {"", ".", ".."}]
    return parts[-1][:100] if parts else Path(place).resolve().name
