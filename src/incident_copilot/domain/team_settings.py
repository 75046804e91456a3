"""TeamSettings: what a team, or a whole workspace, sets for itself, in the chat or in copilot.yaml."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from pydantic import Field, field_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import DUTY_WORD, Duty, Severity
from incident_copilot.domain.support_hours import SupportHours, hours_of

WORKSPACE = ""
"""Stands where a team's name does for what holds in the whole workspace."""
Language = Literal["en", "de", "fr", "es"]
MOST_ROLES = 10
_CHANNEL = re.compile(r"#?[a-z0-9_-]{1,80}|[CG][A-Z0-9]{5,20}")
_EMOJI = re.compile(r"[a-z0-9_+'-]{1,60}")
_LEVEL = re.compile(r"(P[0-3])\s*[=:]\s*([^,;]+)", re.IGNORECASE)


class TeamSettings(Frozen):
    """Every setting; None, or an empty table, where it is not set. The operators' channel is the workspace's alone."""

    announce_channel: str | None = None
    internal_updates_channel: str | None = None
    customer_updates_channel: str | None = None
    operator_channel: str | None = None
    timeline_emoji: str | None = None
    channel_pattern: str | None = None
    roles: dict[str, str] = Field(default_factory=dict)
    severity_names: dict[Severity, str] = Field(default_factory=dict)
    cadence_min: dict[Severity, int] = Field(default_factory=dict)
    working_hours: str | None = None
    customer_language: Language | None = None
    posts_per_hour: int | None = Field(default=None, ge=1, le=500)

    @field_validator("announce_channel", "internal_updates_channel", "customer_updates_channel", "operator_channel")
    @classmethod
    def _is_channel(cls, name: str | None) -> str | None:
        if name is not None and not _CHANNEL.fullmatch(name):
            raise ValueError(f"{name[:80]} is no channel; write its name as in #incidents, or its id")
        return name.removeprefix("#") if name else None

    @field_validator("timeline_emoji")
    @classmethod
    def _is_emoji(cls, name: str | None) -> str | None:
        bare = name.strip(": ") if name else None
        if bare is not None and not _EMOJI.fullmatch(bare):
            raise ValueError("write the name of an emoji, as in pushpin")
        return bare

    @field_validator("channel_pattern")
    @classmethod
    def _tells_incidents_apart(cls, pattern: str | None) -> str | None:
        return checked_pattern(pattern) if pattern else None

    @field_validator("roles")
    @classmethod
    def _has_a_commander(cls, roles: dict[str, str]) -> dict[str, str]:
        kept = {word: " ".join(name.split()) for word, name in roles.items()}
        if any(not re.fullmatch(DUTY_WORD, word) or not 0 < len(name) <= 40 for word, name in kept.items()):
            raise ValueError("write a word of small letters and what it is called, as in liaison=Customer liaison")
        if kept and (Duty.COMMANDER not in kept or len(kept) > MOST_ROLES):
            raise ValueError(f"name at most {MOST_ROLES} roles, the commander among them")
        return kept

    @field_validator("severity_names")
    @classmethod
    def _is_short(cls, names: dict[Severity, str]) -> dict[Severity, str]:
        kept = {level: " ".join(name.split()) for level, name in names.items()}
        if any(not 0 < len(name) <= 40 for name in kept.values()):
            raise ValueError("write names of 1 to 40 letters, as in P0=Sev 1")
        return kept

    @field_validator("cadence_min")
    @classmethod
    def _takes_time(cls, cadence: dict[Severity, int]) -> dict[Severity, int]:
        if any(not 0 < minutes <= 10_080 for minutes in cadence.values()):
            raise ValueError("write whole minutes, from 1 to a week")
        return cadence

    @field_validator("working_hours")
    @classmethod
    def _are_hours(cls, text: str | None) -> str | None:
        return text if text is None or hours_of(text) else None


class Setting(NamedTuple):
    """How one setting is shown and typed; `is_for_teams` where a team may have its own."""

    words: str
    hint: str
    read: Callable[[str], Any]
    is_for_teams: bool = True


def _roles(text: str) -> dict[str, str]:
    """A role by its word alone is called as the usual one is, else by that word."""
    pairs = [part.partition("=") for part in re.split(r"[,;]", text) if part.strip()]
    named = [(word.strip().lower(), name.strip()) for word, _, name in pairs]
    return {word: name or (Duty(word).word if re.fullmatch(DUTY_WORD, word) else word) for word, name in named}


def _levels(text: str) -> dict[str, str]:
    found = {level.upper(): name.strip() for level, name in _LEVEL.findall(text)}
    if not found or len(found) != len([part for part in re.split(r"[,;]", text) if part.strip()]):
        raise ValueError("write a level and what it is, as in P0=30, P1=60")
    return dict(sorted(found.items()))


def _lower(text: str) -> str:
    return text.strip().lower()


def _number(text: str) -> int:
    if not text.strip().isdigit():
        raise ValueError("write a whole number")
    return int(text)


def _stripped(text: str) -> str:
    return text.strip()


SETTINGS: Mapping[str, Setting] = {
    "announce_channel": Setting("Channel of announcements", "#incidents", _stripped),
    "internal_updates_channel": Setting("Channel of updates for colleagues", "#updates", _stripped),
    "customer_updates_channel": Setting("Channel of updates for customers", "#status", _stripped),
    "operator_channel": Setting("Channel of the operators", "#copilot-ops", _stripped, is_for_teams=False),
    "timeline_emoji": Setting("Reaction for the timeline", "pushpin", _stripped),
    "channel_pattern": Setting("Names of channels", "inc-{number}-{slug}", _stripped),
    "roles": Setting("Roles", "commander=Incident lead, comms=Comms lead, liaison=Customer liaison", _roles),
    "severity_names": Setting("Names of severities", "P0=Sev 1, P1=Sev 2", _levels),
    "cadence_min": Setting("Minutes between updates", "P0=30, P1=60", _levels),
    "working_hours": Setting("Working hours", "mon-fri 09:00-17:00 Europe/Berlin", _stripped),
    "customer_language": Setting("Language of customers' updates", "en, de, fr or es", _lower),
    "posts_per_hour": Setting("Posts an hour in a channel", "20; what comes after goes to a thread", _number),
}


def checked_pattern(pattern: str) -> str:
    """Return a pattern of names or links. Raises ValueError where two incidents would share one."""
    try:
        numbers = [pattern.format(number=number, slug="slug") for number in (1, 2)]
    except (KeyError, IndexError, ValueError, AttributeError):
        numbers = []
    if len(set(numbers)) != 2:
        raise ValueError("use {number}, without which two incidents would share it, and {slug}; nothing else")
    return pattern


def in_words(value: Any) -> str:
    """Return a value as it is typed."""
    if isinstance(value, Mapping):
        return ", ".join(f"{level}={each}" for level, each in value.items())
    if isinstance(value, SupportHours):
        return f"{','.join(value.days)} {value.begin}-{value.end} {value.zone}"
    return str(value)
