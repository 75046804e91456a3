"""Builds the plugins that a configuration names, with their secrets and what they may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError

from incident_copilot.domain.team_settings import TeamSettings
from incident_copilot.errors import ConfigError
from incident_copilot.plugins.config import Config, PluginInstance
from incident_copilot.plugins.discovery import KINDS, discover
from incident_copilot.ports import (
    AlertSource,
    ChatChannel,
    Clock,
    CommsChannel,
    ContextSource,
    DocumentTarget,
    Evaluator,
    Pager,
    PluginEnv,
    ScheduleSource,
    SilenceSource,
    SupervisedAction,
    Tracker,
)


@dataclass(frozen=True)
class Plugins:
    """The running plugins by instance name, and the settings of teams that stand beside them."""

    alert_sources: Mapping[str, AlertSource] = field(default_factory=dict)
    context_sources: Mapping[str, ContextSource] = field(default_factory=dict)
    silence_sources: Mapping[str, SilenceSource] = field(default_factory=dict)
    schedules: Mapping[str, ScheduleSource] = field(default_factory=dict)
    pagers: Mapping[str, Pager] = field(default_factory=dict)
    actions: Mapping[str, SupervisedAction] = field(default_factory=dict)
    comms_channels: Mapping[str, CommsChannel | ChatChannel] = field(default_factory=dict)
    postmortem_targets: Mapping[str, DocumentTarget] = field(default_factory=dict)
    trackers: Mapping[str, Tracker] = field(default_factory=dict)
    evaluators: Mapping[str, Evaluator] = field(default_factory=dict)
    settings: Mapping[str, TeamSettings] = field(default_factory=dict)


def build(
    config: Config, http: httpx.AsyncClient, now: Clock, environ: Mapping[str, str], context_deadline_s: float = 15.0
) -> Plugins:
    """Return every instance of the configuration; requests of context sources end before `context_deadline_s`.

    Where it names no evaluators there are all that are installed.

    Raises ConfigError with a line per problem, such as a secret's variable that is not set.
    """
    built: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    problems = []
    for instance in [*config.instances, *_evaluators_unless_named(config)]:
        try:
            secret = _secret(instance, environ)
            env = PluginEnv(http, now, secret, instance.name, context_deadline_s)
            built[instance.kind][instance.name] = _created(instance, env)
        except ConfigError as error:
            problems.append(str(error))
    if problems:
        raise ConfigError("\n".join(problems))
    return Plugins(**built, settings=config.settings)


def _evaluators_unless_named(config: Config) -> list[PluginInstance]:
    if any(one.kind == "evaluators" for one in config.instances):
        return []
    return [PluginInstance(kind="evaluators", plugin=name, name=name) for name in discover("evaluators")]


def build_source(config: Config, name: str, http: httpx.AsyncClient, now: Clock) -> AlertSource:
    """Return one alert source to parse with, by its name, or by its plugin's where no instance has that name.

    Nobody is authenticated by it, so its secret is not looked for. Raises ConfigError: there is none of this name.
    """
    named = {instance.name: instance for instance in config.instances if instance.kind == "alert_sources"}
    known = discover("alert_sources")
    if name not in named and name not in known:
        names = ", ".join(sorted({*named, *known}))
        raise ConfigError(f"there is no alert source {name}; use one of: {names}")
    instance = named.get(name) or PluginInstance(kind="alert_sources", plugin=name, name=name)
    env = PluginEnv(http=http, now=now, secret="not looked for", instance=name)  # noqa: S106 - it opens nothing
    source: AlertSource = _created(instance, env)
    return source


def _secret(instance: PluginInstance, environ: Mapping[str, str]) -> str | None:
    """Return the secret from its variable, or from the file that VARIABLE_FILE names."""
    variable = instance.secret_env
    if variable is None:
        return None
    if secret := environ.get(variable, "").strip():
        return secret
    if path := environ.get(f"{variable}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{instance.name}: {variable}_FILE: {error.strerror}: {path}; correct the path") from None
    raise ConfigError(
        f"{instance.name}: the secret's variable {variable} is not set; set it in the environment or .env, "
        f"or set {variable}_FILE to a file that holds it"
    )


def _created(instance: PluginInstance, env: PluginEnv) -> Any:
    module = discover(instance.kind).get(instance.plugin)
    if module is None:
        raise ConfigError(f"{instance.name}: there is no plugin {instance.plugin} in {instance.kind}")
    try:
        options = module.Options.model_validate(instance.options)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{instance.name}: options.{field}: {first['msg']}") from None
    return module.create(env, options)
