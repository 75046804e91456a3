"""Action: an entry of actions.yaml. What is not in there, with values that it takes, is never done."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.monitoring import MetricName
from incident_copilot.domain.proposal import Containment, Risk

_NAME = r"^[a-z][a-z0-9_-]{0,62}$"
_PLACE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@+-]{0,199}")
"""What any value is made of, whatever a pattern takes: nothing that ends a path, a quote or a line."""
OWN = ("service", "environment")
"""Values that every action has without declaring them: what it is about."""


class Param(Frozen):
    """A value that people choose, within `one_of`, whole numbers from `least` to `most`, `known` things, or `pattern`.

    `known: version` are versions that the incident's evidence names. `default` may be `{service}`, or `{previous}`, the
    version before the suspected change.
    """

    one_of: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    known: Literal["service", "version"] | None = None
    pattern: str | None = Field(default=None, max_length=200)
    default: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether it takes whole numbers."""
        return self.least is not None

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        return pattern

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Param":
        if (self.least is None) is not (self.most is None):
            raise ValueError("write least and most, both")
        said = [bool(self.one_of), self.is_number, self.known is not None, self.pattern is not None]
        if said.count(True) != 1:
            raise ValueError("say what it takes: one of one_of, least and most, known, or pattern")
        return self

    def problem_with(self, value: str) -> str | None:
        """Return why a value is not taken, or None; whether a known thing is known is for others to say."""
        if not is_safe(value):
            return "holds what no value may hold"
        if self.one_of and value not in self.one_of:
            return f"is none of {', '.join(self.one_of)}"
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            return f"does not fit {self.pattern}"
        if self.least is not None and self.most is not None:
            is_one = value.isascii() and value.isdigit() and self.least <= int(value[:10]) <= self.most
            return None if is_one and len(value) < 10 else f"is no whole number from {self.least} to {self.most}"
        return None


class Wanted(Frozen):
    """Another action with values for it; `{flag}` is a value of this one, `{state.revision}` what was read before."""

    action: str
    params: dict[str, str] = Field(default_factory=dict)


class FollowUp(Frozen):
    """What is put to people once an action worked: a check that people do, or the next action."""

    check: str | None = Field(default=None, max_length=300)
    action: str | None = None
    params: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_one(self) -> "FollowUp":
        if (self.check is None) is (self.action is None):
            raise ValueError("write check or action, one of them")
        return self


class Verify(Frozen):
    """By which figure of an AI system an action is verified, and for how long; by default those that monitors raised.

    `system` is by default the one that the incident is about, `monitor` any that looks at the metric.
    """

    metric: MetricName | None = None
    group: str = Field(default="", max_length=160)
    system: str | None = Field(default=None, max_length=100)
    monitor: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    for_min: int | None = Field(default=None, ge=1, le=24 * 60)

    @model_validator(mode="after")
    def _names_a_metric(self) -> "Verify":
        if self.metric is None and (self.group or self.system or self.monitor):
            raise ValueError("name the metric of it too")
        return self

    @property
    def words(self) -> str:
        """What people are shown: quality.accuracy (language=de) of support-bot; nothing where no metric is named."""
        group, system = f" ({self.group})" if self.group else "", f" of {self.system}" if self.system else ""
        return f"{self.metric}{group}{system}, by what is sent after it" if self.metric else ""


class Offer(Frozen):
    """When the copilot offers an action by itself: for these severities and types of incident; empty means all."""

    severities: tuple[Severity, ...] = ()
    types: tuple[str, ...] = ()


class Action(Frozen):
    """One thing that may be done in production, by an adapter that copilot.yaml lists under `actions`.

    `with` is what the adapter is given: fixed, but for `{name}`, which a value replaces. `preconditions` are looked at
    when it is proposed and when it runs: `alert_fires` (one of the incident does), `alone` (nothing else is being
    carried out on the service); what was read of the target must be unchanged in any case. `staging` names the entry
    that is tried and read back first. With `verify` the alerting metric is looked at afterwards, or the figure that it
    names, and for `watch_min` more once it is healthy. `contains` says in which way it contains an AI incident: which
    is by severity, and otherwise where a model's provider is away.
    """

    name: str = Field(pattern=_NAME)
    does: str = Field(min_length=3, max_length=200)
    adapter: str
    given: dict[str, Any] = Field(default_factory=dict, alias="with")
    params: dict[str, Param] = Field(default_factory=dict, max_length=20)
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = Field(default=("production",), min_length=1)
    risk: Risk = Risk.MEDIUM
    preconditions: tuple[Literal["alert_fires", "alone"], ...] = ("alone",)
    offer: Offer | None = None
    contains: Containment | None = None
    staging: str | None = None
    verify: bool | Verify = True
    watch_min: int = Field(default=15, ge=0, le=240)
    undo: Wanted | None = None
    undo_for_min: int = Field(default=60, ge=1, le=24 * 60)
    after: tuple[FollowUp, ...] = Field(default=(), max_length=10)

    @model_validator(mode="after")
    def _has_what_it_names(self) -> "Action":
        own = {*OWN, *self.params}
        if taken := sorted({*OWN} & {*self.params}):
            raise ValueError(f"{', '.join(taken)}: every action has it; leave it out")
        strange = sorted({place for text in (self.does, self.given) for place in _places(text)} - own)
        if strange:
            raise ValueError(f"{{{strange[0]}}} is no value of it; declare it under params")
        return self

    @property
    def sha256(self) -> str:
        """The digest of the whole entry, so that an approval does not outlive a change of it."""
        body = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(body.encode()).hexdigest()

    def title(self, values: Mapping[str, str]) -> str:
        """Return in words what it does with these values."""
        return str(filled(self.does, values))

    def problems(self, values: Mapping[str, str]) -> list[str]:
        """Return what is wrong with the values, each named; nothing where the action takes them."""
        expected = {*OWN, *self.params}
        wrong = [f"{name}: is no value of {self.name}" for name in sorted({*values} - expected)]
        wrong += [f"{name}: is missing" for name in sorted(expected - {*values})]
        for name, value in sorted(values.items()):
            param = self.params.get(name)
            problem = param.problem_with(value) if param else None if is_safe(value) else "holds what no value may hold"
            wrong += [f"{name}: {problem}"] if problem else []
        if self.services and values.get("service") not in self.services:
            wrong.append(f"service: {self.name} is for {', '.join(self.services)}")
        if values.get("environment") not in self.environments:
            wrong.append(f"environment: {self.name} is for {', '.join(self.environments)}")
        return wrong

    def for_adapter(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return what the adapter is given; what is no text is written as JSON."""
        numbers = frozenset(name for name, param in self.params.items() if param.is_number)
        filled_in = {name: filled(value, values, numbers) for name, value in self.given.items()}
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in filled_in.items()}


class Actions(Frozen):
    """Everything in actions.yaml; empty by default, so that nothing can be done."""

    actions: tuple[Action, ...] = Field(default=(), max_length=500)

    @model_validator(mode="after")
    def _fit_together(self) -> "Actions":
        names = [one.name for one in self.actions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} is there twice; give each its own name")
        for one in self.actions:
            self._check_wanted(one)
        return self

    def get(self, name: str | None) -> Action | None:
        """Return the entry of this name, or None."""
        return next((one for one in self.actions if one.name == name), None)

    def _check_wanted(self, one: Action) -> None:
        own = {*OWN, *one.params}
        wanted = [Wanted(action=one.staging, params=dict.fromkeys(one.params, "x"))] if one.staging else []
        wanted += [one.undo] if one.undo else []
        wanted += [Wanted(action=step.action, params=step.params) for step in one.after if step.action]
        for other in wanted:
            known = self.get(other.action)
            if known is None:
                raise ValueError(f"{one.name}: there is no action {other.action}")
            if strange := sorted({*other.params} - {*known.params}):
                raise ValueError(f"{one.name}: {other.action} takes no {strange[0]}")
            places = {place for text in other.params.values() for place in _places(text)}
            if lost := sorted(place for place in places - own if not place.startswith("state.")):
                raise ValueError(f"{one.name}: {{{lost[0]}}} is no value of it")


def is_safe(value: str) -> bool:
    """Whether a value holds letters, digits and a few marks only, so that it cannot change what it is put into."""
    return _SAFE.fullmatch(value) is not None and ".." not in value


def filled(template: Any, values: Mapping[str, str], numbers: frozenset[str] = frozenset()) -> Any:
    """Return a template with its places filled; a place that stands alone for a number becomes a number."""
    if isinstance(template, str):
        alone = _PLACE.fullmatch(template)
        if alone and alone[1] in numbers:
            return int(values[alone[1]])
        return _PLACE.sub(lambda found: values.get(found[1], found[0]), template)
    if isinstance(template, Mapping):
        return {key: filled(value, values, numbers) for key, value in template.items()}
    return [filled(one, values, numbers) for one in template] if isinstance(template, list) else template


def _places(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield from _PLACE.findall(template)
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from _places(value)
    elif isinstance(template, list):
        for one in template:
            yield from _places(one)
