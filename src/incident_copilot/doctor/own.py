"""What is the copilot's own: the catalogue, the time zones of this machine, the database and its clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from incident_copilot import app
from incident_copilot.actions_file import load_actions
from incident_copilot.catalog_file import load_catalog
from incident_copilot.domain.finding import Finding
from incident_copilot.monitors_file import load_monitored
from incident_copilot.pipeline import read
from incident_copilot.plugins import load_config
from incident_copilot.settings import Settings
from incident_copilot.store import schema
from incident_copilot.store.db import Db

FARTHEST = timedelta(seconds=5)
"""How far the database's clock may be from this machine's: leases run out by the one and work is due by the other."""
_A_ZONE = "Europe/Berlin"


async def catalog(settings: Settings) -> list[Finding]:
    """Read catalog.yaml. Raises ConfigError."""
    known = load_catalog(settings.catalog_file)
    said = f"{len(known.services)} services, {len(known.teams)} teams, {len(known.people)} people"
    return [Finding("catalog.yaml", True, said)]


async def actions(settings: Settings) -> list[Finding]:
    """Read actions.yaml, beside the adapters that copilot.yaml names. Raises ConfigError."""
    listed = {one.name for one in load_config(settings.config_file).instances if one.kind == "actions"}
    number = len(load_actions(settings.actions_file, listed).actions)
    said = f"{number} actions" if number else "no actions: only rollbacks and silences can be proposed"
    return [Finding("actions.yaml", True, said)]


async def monitors(settings: Settings) -> list[Finding]:
    """Read monitors.yaml. Raises ConfigError."""
    listed = load_monitored(settings.monitors_file).systems
    asked = sum(len(one.asks) for one in listed)
    said = (
        f"{len(listed)} AI systems, {asked} queries" if listed else "no AI systems: those that send figures are watched"
    )
    return [Finding("monitors.yaml", True, said)]


async def zones(name: str = _A_ZONE) -> list[Finding]:
    """See whether time zones are known by name, which support hours need; the copilot itself keeps UTC."""
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return [Finding("time zones", False, f"this machine does not know {name}", "Install the package tzdata.")]
    here = datetime.now(UTC).astimezone()
    return [Finding("time zones", True, f"times are kept in UTC; this machine shows {here:%Z} (UTC{here:%z})")]


async def database(settings: Settings) -> list[Finding]:
    """See whether the tables are those of this release, and how far its clock is. Raises CopilotError."""
    async with app.at_rest(settings) as (deps, _):
        await schema.check_schema(deps.db)
        heard = "; ".join(await read.source_lines(deps)) or "no alert source has delivered yet"
        async with deps.db.read() as view:
            apart = await Db.clock(view) - app.now()
    tables = Finding("database", True, f"its tables are at {schema.HEAD}, as this release needs them; {heard}")
    return [tables, clock("database clock", apart, FARTHEST)]


def clock(what: str, apart: timedelta, farthest: timedelta) -> Finding:
    """Return how far another clock is from this machine's."""
    seconds = apart.total_seconds()
    if abs(apart) <= farthest:
        return Finding(what, True, f"within {farthest.total_seconds():g} s of this machine's")
    side = "ahead of" if seconds > 0 else "behind"
    fix = "Let NTP set the clocks: see `timedatectl` on this machine."
    return Finding(what, False, f"{abs(seconds):.0f} s {side} this machine's", fix)
