"""Load: what each person had to do, and how often they were called at night where they live."""

from collections import Counter, defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.measures import Load
from incident_copilot.pipeline import chosen, ledger
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.stats.gathered import Gathered

NIGHT_BEGINS, NIGHT_ENDS = 22, 7
"""Hours on the wall between which a call is an interruption at night."""
MOST = 15


def load(deps: Deps, gathered: Gathered) -> tuple[Load, ...]:
    """Return the load of each person, heaviest first; a person's zone is that of the catalogue, else the team's."""
    took_part: dict[str, set[str]] = defaultdict(set)
    for row in gathered.rows:
        if ledger.is_person(row.actor) and row.incident_id:
            took_part[row.actor].add(row.incident_id)
    calls, at_night = Counter[str](), Counter[str]()
    for row in gathered.of_kind(LogKind.PAGED):
        who = str(row.payload["person"])
        if ledger.is_person(who):
            took_part[who].add(str(row.incident_id))
            calls[who] += 1
            at_night[who] += is_night(row.at, zone_of(deps, who))
    led = Counter(one.commander for one in gathered.incidents if one.commander)
    found = [
        Load(
            person=who,
            name=gathered.names.get(who, who),
            incidents=len(took_part[who]),
            led=led[who],
            calls=calls[who],
            at_night=at_night[who],
        )
        for who in took_part
    ]
    return tuple(sorted(found, key=lambda one: (-one.at_night, -one.calls, -one.incidents, one.person))[:MOST])


def zone_of(deps: Deps, person: str) -> str:
    """Return the time zone that somebody is called in."""
    known = deps.catalog.person(person)
    return known.zone if known and known.zone else chosen.working_hours(deps).zone


def is_night(at: datetime, zone: str) -> bool:
    """Whether people sleep then."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS
