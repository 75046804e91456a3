"""What teams set for themselves: read by everyone through one function a setting; set and taken back by commanders.

What is set in the chat for a team wins, then what is set there for the workspace, then copilot.yaml, the team's before
the workspace's, then what the copilot was started with. Each replica reads the rows anew every two seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError

from incident_copilot.domain.effect import Place
from incident_copilot.domain.incident import Duty, Incident, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.support_hours import SupportHours, hours_of
from incident_copilot.domain.team_settings import SETTINGS, WORKSPACE, Language, TeamSettings, in_words
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import team_settings
from incident_copilot.store.db import CLICKS

MOST_NAMED = 30
_OF_TEAMS = (Place.ANNOUNCE, Place.INTERNAL_UPDATES, Place.CUSTOMER_UPDATES)


class Value(NamedTuple):
    """A setting as it holds: its value and, in words, where that comes from."""

    value: Any
    source: str


@dataclass(frozen=True)
class Shown:
    """The settings of a team, or of the workspace: what holds, and what is set there in the chat."""

    team: str
    holds: Mapping[str, Value]
    here: Mapping[str, Any] = field(default_factory=dict)
    teams: tuple[str, ...] = ()


def cadence(deps: Deps, incident: Incident) -> timedelta:
    """Return how long after an update of an incident the next one is due."""
    minutes = _table(deps, incident.team, "cadence_min").get(incident.severity.value)
    return timedelta(minutes=int(minutes)) if minutes else deps.catalog.comms.cadence(incident.severity)


def severity_name(deps: Deps, team: str | None, severity: Severity) -> str | None:
    """Return what a team calls a severity; None where that is the usual word."""
    name = _table(deps, team, "severity_names").get(severity.value)
    return str(name) if name else None


def channel_pattern(deps: Deps, incident: Incident) -> str:
    """Return how the channels of a team's incidents are named."""
    return str(_first(deps, incident.team, "channel_pattern").value)


def posts_per_hour(deps: Deps, incident: Incident) -> int:
    """Return how many messages an incident's channel takes in an hour before they go to a thread."""
    return int(_first(deps, incident.team, "posts_per_hour").value)


def working_hours(deps: Deps, team: str | None = None) -> SupportHours:
    """Return when people of a team may be asked for what can wait."""
    found = _first(deps, team, "working_hours").value
    return found if isinstance(found, SupportHours) else hours_of(str(found))


def customer_language(deps: Deps, incident: Incident) -> Language:
    """Return the language in which customers of a team are told."""
    found: Language = _first(deps, incident.team, "customer_language").value
    return found


def roles(deps: Deps, team: str | None) -> dict[Duty, str]:
    """Return the roles of a team's incidents and what they are called; empty where they are the usual ones."""
    found: dict[str, str] = next((value for _, value in _layers(deps, team, "roles") if value), {})
    return {Duty(word): name for word, name in found.items()}


def timeline_emoji(deps: Deps, team: str | None) -> str:
    """Return the reaction that puts a message on the timeline of a team's incidents."""
    return str(_first(deps, team, "timeline_emoji").value)


def timeline_emojis(deps: Deps) -> frozenset[str]:
    """Return the reactions that put a message on the timeline for some team."""
    return frozenset(timeline_emoji(deps, team) for team in (None, *_teams(deps)))


def channel(deps: Deps, place: Place) -> str:
    """Return the workspace's channel of a place, by name or id."""
    return str(_first(deps, None, f"{place.value}_channel").value)


def channels_of(deps: Deps, team: str | None) -> dict[str, str]:
    """Return the channels that a team has for itself, by place."""
    by_place = {place.value: channel(deps, place) for place in _OF_TEAMS}
    own = {place: str(_first(deps, team, f"{place}_channel").value) for place in by_place}
    return {place: name for place, name in own.items() if name != by_place[place]}


def channels(deps: Deps, place: Place) -> list[str]:
    """Return every channel of a place: the workspace's, then those that teams have for themselves."""
    own = (channels_of(deps, team).get(place.value) for team in _teams(deps))
    return list(dict.fromkeys([channel(deps, place), *filter(None, own)]))


async def refresh(deps: Deps) -> None:
    """Read what was set in the chat, in every workspace.

    Raises:
        StoreUnavailable: the database does not answer; what was read before holds.
    """
    async with deps.db.read() as db:
        deps.chosen.rows = await team_settings.every(db)


async def shown(deps: Deps, team: str = WORKSPACE) -> Shown:
    """Return the settings of a team, or of the workspace, with where each comes from.

    Raises:
        DecisionRefused: there is no such team.
        StoreUnavailable: the database does not answer.
    """
    teams = tuple(_teams(deps))
    if team and team not in teams:
        known = ", ".join(teams[:MOST_NAMED]) or "none"
        raise DecisionRefused(f"There is no team {team} in catalog.yaml; there is {known}.")
    await refresh(deps)
    names = [name for name, one in SETTINGS.items() if one.is_for_teams or not team]
    here = {name: value for (whose, name), (value, _, _) in _rows(deps).items() if whose == team}
    return Shown(team, {name: _first(deps, team or None, name) for name in names}, here, teams)


async def change(deps: Deps, person: Person, team: str, typed: Mapping[str, str]) -> list[str]:
    """Set what was typed, and take back what was left empty; return in words what changed.

    Raises:
        DecisionRefused: not allowed, or a value cannot be; names the setting. It is logged.
        StoreUnavailable: nothing was recorded.
    """
    now = deps.now()
    asked = {"asked": "change settings", "team": team}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.COMMANDER, "change settings")
        wanted = {name: read(name, text) if text.strip() else None for name, text in typed.items()}
        rows = (await team_settings.every(tx)).get(deps.workspace_id, {})
        changed = {name: value for name, value in wanted.items() if value != _set(rows, team, name)}
        for name, value in changed.items():
            if value is None:
                await team_settings.reset(tx, deps.workspace_id, team, name)
            else:
                await team_settings.put(tx, deps.workspace_id, team, name, value, by=person.id, now=now)
            payload = {"team": team, "setting": name, "from": _said(rows, team, name), "to": in_words(value or "")}
            await ledger.write_by(tx, deps, None, LogKind.SETTING_CHANGED, person, payload)
    await refresh(deps)
    return [_told(deps, team, name, value) for name, value in changed.items()]


def read(name: str, text: str) -> Any:
    """Return what was typed as it is kept.

    Raises:
        DecisionRefused: it is no value of this setting; says what is.
    """
    try:
        checked = TeamSettings.model_validate({name: SETTINGS[name].read(text)})
    except ValidationError as error:
        why = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise DecisionRefused(f"{SETTINGS[name].words}: {why}.") from None
    except ValueError as error:
        raise DecisionRefused(f"{SETTINGS[name].words}: {error}.") from None
    return checked.model_dump(mode="json")[name]


def _first(deps: Deps, team: str | None, name: str) -> Value:
    for source, value in _layers(deps, team, name):
        if value not in (None, {}):
            return Value(value, source)
    return Value(_started_with(deps)[name], ".env, catalog.yaml or default")


def _layers(deps: Deps, team: str | None, name: str) -> list[tuple[str, Any]]:
    """Return what each place says of a setting, the one that wins first."""
    whose = [one for one in (team, WORKSPACE) if one is not None and SETTINGS[name].is_for_teams] or [WORKSPACE]
    rows = [(one, _rows(deps)[one, name]) for one in whose if (one, name) in _rows(deps)]
    in_chat = [
        (f"set in Slack{f' for {one}' if one else ''} by <@{by}> on {at:%Y-%m-%d}", value)
        for one, (value, by, at) in rows
    ]
    in_files = [
        (f"copilot.yaml{f', team {one}' if one else ''}", getattr(deps.chosen.files.get(one, TeamSettings()), name))
        for one in whose
    ]
    return [*in_chat, *in_files]


def _table(deps: Deps, team: str | None, name: str) -> dict[str, Any]:
    """Return a table by severity: each level is taken from the first place that names it."""
    merged: dict[str, Any] = {}
    for _, value in reversed(_layers(deps, team, name)):
        merged |= {str(level): each for level, each in (value or {}).items()}
    return merged


def _started_with(deps: Deps) -> dict[str, Any]:
    policy, comms = deps.policy, deps.catalog.comms
    return {
        **{f"{place.value}_channel": policy.places.get(place, "") for place in Place if place is not Place.INCIDENT},
        "timeline_emoji": policy.timeline_emoji,
        "channel_pattern": policy.channel_pattern,
        "roles": {one.value: one.word for one in Duty},
        "severity_names": {one.value: one.word for one in Severity},
        "cadence_min": {one.value: int(comms.cadence(one).total_seconds() // 60) for one in Severity},
        "working_hours": policy.working_hours,
        "customer_language": "en",
        "posts_per_hour": policy.posts_per_hour,
    }


def _teams(deps: Deps) -> list[str]:
    return [team.name for team in deps.catalog.teams]


def _rows(deps: Deps) -> team_settings.Rows:
    return deps.chosen.rows.get(deps.workspace_id, {})


def _set(rows: team_settings.Rows, team: str, name: str) -> Any:
    return rows[team, name][0] if (team, name) in rows else None


def _said(rows: team_settings.Rows, team: str, name: str) -> str:
    return in_words(_set(rows, team, name) or "")


def _told(deps: Deps, team: str, name: str, value: Any) -> str:
    words = SETTINGS[name].words
    if value is not None:
        return f"{words}: {in_words(value)}"
    holds = _first(deps, team or None, name)
    return f"{words}: taken back; {in_words(holds.value)} holds ({holds.source})"
