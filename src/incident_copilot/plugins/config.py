"""Which plugins run and how they are set up: copilot.yaml, validated whole."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.team_settings import SETTINGS, WORKSPACE, TeamSettings
from incident_copilot.errors import ConfigError
from incident_copilot.plugins import yaml_file
from incident_copilot.plugins.discovery import KINDS, Kind, discover
from incident_copilot.plugins.yaml_file import YamlFile

_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"


class PluginInstance(Frozen):
    """One plugin at work under its own name; an alert source's name is its path: /webhooks/{name}.

    `secret_env` names the environment variable that holds the secret.
    """

    kind: Kind
    plugin: str
    name: str = Field(pattern=_NAME)
    workspace: str = "default"
    options: dict[str, Any] = Field(default_factory=dict)
    secret_env: str | None = Field(default=None, pattern=_VARIABLE)


DEFAULT = PluginInstance(
    kind="alert_sources",
    plugin="alertmanager",
    name="alertmanager",
    secret_env="COPILOT_ALERTMANAGER_SECRET",  # noqa: S106 - the variable's name, not the secret
)


class Config(Frozen):
    """All instances, and settings by team, "" being the workspace.

    `sha256` is that of the file's text, None where there is no file.
    """

    instances: tuple[PluginInstance, ...] = (DEFAULT,)
    sha256: str | None = None
    settings: Mapping[str, TeamSettings] = Field(default_factory=dict)


def load_config(path: Path) -> Config:
    """Return what the file says; a single Alertmanager where there is no file.

    The file has a list per kind of plugin; an entry has `plugin`, and may have `name`, `workspace`, `options` and
    `secret_env`. Raises ConfigError with a line per problem: file, line, field and fix.
    """
    if not path.exists():
        return Config()
    file, entries = yaml_file.load(path, _Entries)
    problems = list(_problems(file, entries))
    if problems:
        raise ConfigError("\n".join(problems))
    return Config(
        instances=tuple(instance for _, instance in entries.instances()),
        sha256=file.sha256,
        settings=entries.settings.by_team(),
    )


class _Entry(Frozen):
    plugin: str
    name: str | None = Field(default=None, pattern=_NAME)
    workspace: str = "default"
    options: dict[str, Any] = Field(default_factory=dict)
    secret_env: str | None = Field(default=None, pattern=_VARIABLE)


class _Settings(TeamSettings):
    teams: dict[str, TeamSettings] = Field(default_factory=dict)

    @field_validator("teams")
    @classmethod
    def _have_their_own(cls, teams: dict[str, TeamSettings]) -> dict[str, TeamSettings]:
        for team, one in teams.items():
            shared = [name for name in one.model_fields_set if not SETTINGS[name].is_for_teams]
            if shared:
                raise ValueError(f"{team}: {', '.join(sorted(shared))} is the whole workspace's; move it up")
        return teams

    def by_team(self) -> dict[str, TeamSettings]:
        own = TeamSettings.model_validate(self.model_dump(exclude={"teams"}))
        return {WORKSPACE: own, **self.teams}


class _Entries(Frozen):
    settings: _Settings = _Settings()
    alert_sources: tuple[_Entry, ...] = ()
    context_sources: tuple[_Entry, ...] = ()
    silence_sources: tuple[_Entry, ...] = ()
    schedules: tuple[_Entry, ...] = ()
    pagers: tuple[_Entry, ...] = ()
    actions: tuple[_Entry, ...] = ()
    comms_channels: tuple[_Entry, ...] = ()
    postmortem_targets: tuple[_Entry, ...] = ()
    trackers: tuple[_Entry, ...] = ()
    evaluators: tuple[_Entry, ...] = ()

    def instances(self) -> Iterator[tuple[int, PluginInstance]]:
        """Yield each entry's number within its kind, and the instance it describes."""
        for kind in KINDS:
            entries: tuple[_Entry, ...] = getattr(self, kind)
            for number, entry in enumerate(entries):
                fields = entry.model_dump() | {"name": entry.name or entry.plugin, "kind": kind}
                yield number, PluginInstance.model_construct(**fields)


def _problems(file: YamlFile, entries: _Entries) -> Iterator[str]:
    taken: dict[tuple[str, str], int] = {}
    for number, instance in entries.instances():
        place = (instance.kind, number)
        known = discover(instance.kind)
        if instance.plugin not in known:
            yield file.told((*place, "plugin"), _unknown(instance, sorted(known)))
            continue
        if (instance.kind, instance.name) in taken:
            yield file.told(
                (*place, "name"), f"{instance.name} is already taken by another entry; give it its own name"
            )
        taken[instance.kind, instance.name] = number
        try:
            known[instance.plugin].Options.model_validate(instance.options)
        except ValidationError as error:
            yield from file.problems(error, (*place, "options"))


def _unknown(instance: PluginInstance, known: list[str]) -> str:
    close = difflib.get_close_matches(instance.plugin, known, n=1)
    fix = f"did you mean {close[0]}?" if close else f"use one of: {', '.join(known) or 'none is installed'}"
    return f"there is no plugin {instance.plugin} in {instance.kind}; {fix}"
