"""Actions that bring something into a state which can be read: what would be sent, once, and what became of it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, Json, ValidationError

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ActionResult, DryRun, PluginEnv
from incident_copilot.vendors import server
from incident_copilot.vendors.http import BaseUrl, VendorHttp

Params = TypeVar("Params", bound=BaseModel)
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,199}$"
"""A thing's name as it may stand in a path."""


class TargetOptions(Frozen):
    """Where something is changed, and how the secret is sent: as a bearer token, as password of `user`, in `header`."""

    url: BaseUrl
    user: str | None = Field(default=None, min_length=1, max_length=200)
    header: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9-]{0,60}$")
    deadline_s: float = Field(default=8, gt=0, le=9)


class FlagParams(Frozen):
    """What an entry of actions.yaml fixes of a feature flag, or lets people choose."""

    flag: str = Field(pattern=NAME)
    environment: str = Field(pattern=NAME)
    to: Literal["on", "off"] = "off"


class ReadBack(Frozen):
    """What an entry of actions.yaml fixes of what is read by JMESPath: what it will be, and words for people."""

    state: Json[dict[str, str]] = Field(default_factory=dict)
    wanted: Json[dict[str, str | int | bool]] = Field(default_factory=dict)
    effect: str = Field(default="Does what is shown.", max_length=300)
    undo: str = Field(default="Not known.", max_length=300)


class Step(Frozen):
    """One request, what was read before it, and what it leads to; in words for people too.

    `shown` stands for the body where that holds what people should not read, such as the environment of a container.
    """

    target: str
    method: str
    path: str
    body: Any = None
    shown: Any = None
    content_type: str | None = None
    state: dict[str, str] = Field(default_factory=dict)
    wanted: dict[str, str] = Field(default_factory=dict)
    effect: str
    undo: str = "Not known."

    @property
    def is_reached(self) -> bool:
        """Whether it is so already."""
        return is_reached(self.state, self.wanted)


class StateAction:
    """An action whose step follows from its parameters and from what is there now."""

    retry = "read_back"

    def __init__(self, name: str, http: VendorHttp, plan: Callable[[Mapping[str, str]], Awaitable[Step]]) -> None:
        self.name = name
        self._http = http
        self._plan = plan
        self._key_header: str | None = None

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Return the exact request and what is there now. Raises VendorError."""
        step = await self._plan(params)
        told = ", ".join(f"{name}: {value}" for name, value in step.state.items()) or "It cannot be read."
        return DryRun(
            target=step.target,
            request=self._request(step),
            current=f"{told} It is so already." if step.is_reached else told,
            effect=step.effect,
            undo=step.undo,
            state=step.state,
            wanted=step.wanted,
        )

    async def execute(self, approved: RunAction) -> ActionResult:
        """Send it once. Raises VendorUnavailable (nothing was done) or OutcomeUnknown."""
        try:
            step = await self._plan(approved.params)
            if step.wanted != approved.wanted:
                return ActionResult(ok=False, summary=f"Not done: what is at {step.target} is not what was approved.")
            if step.is_reached:
                return ActionResult(ok=True, summary=f"Nothing to do: {step.target} is so already.")
            await self._send(step, approved.key)
        except VendorRefused as error:
            return ActionResult(ok=False, summary=str(error))
        return ActionResult(ok=True, summary=f"{step.effect.rstrip('.')}: {self._http.vendor} took it.")

    async def find(self, approved: RunAction, since: datetime) -> ActionResult | None:
        """Return that what was approved is so now; None: not so yet, or it cannot be read. Raises VendorError."""
        del since
        step = await self._plan(approved.params)
        if not is_reached(step.state, approved.wanted):
            return None
        return ActionResult(ok=True, summary=f"Found done: {_told(approved.wanted)} at {step.target}.")

    def keyed(self, header: str) -> "StateAction":
        """Send the id of the approval in a header, by which the other side knows a repetition."""
        self._key_header = header
        return self

    def _request(self, step: Step) -> str:
        """Return exactly what would be sent, for people."""
        shown = step.body if step.shown is None else step.shown
        body = f"\n{json.dumps(shown, indent=2, ensure_ascii=False)}" if shown is not None else ""
        return f"{step.method} {self._http.url(step.path)}{body}"

    async def _send(self, step: Step, key: str) -> None:
        """Send it. Raises VendorError; OutcomeUnknown where it may have happened."""
        await self._http.send(step.method, step.path, step.body, self._headers(step, key))

    def _headers(self, step: Step, key: str) -> dict[str, str]:
        sent = {"content-type": step.content_type} if step.content_type else {}
        return sent | ({self._key_header: key} if self._key_header else {})


def is_reached(state: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether all that was wanted is so; what wants nothing that can be read is never known to be reached."""
    return bool(wanted) and all(state.get(name) == value for name, value in wanted.items())


def as_written(value: Any) -> str:
    """Return a value of JSON as people write it in YAML: true, 20, none."""
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)[:200]


def checked(model: type[Params], vendor: str, params: Mapping[str, str]) -> Params:
    """Return the parameters. Raises VendorRefused naming those that cannot be right."""
    try:
        return model.model_validate(params)
    except ValidationError as error:
        names = ", ".join(dict.fromkeys(str(one["loc"][0]) for one in error.errors(include_input=False) if one["loc"]))
        raise VendorRefused(f"{vendor}: not asked, because these parameters cannot be right: {names}", 0) from None


def connect(
    env: PluginEnv, options: TargetOptions, vendor: str, headers: Mapping[str, str] | None = None
) -> VendorHttp:
    """Return the client of a target; `headers` replace those by which the secret is sent otherwise."""
    sent = dict(headers) if headers is not None else server.signed_in(env, options.user, options.header)
    return VendorHttp(env.http, vendor, options.url, options.deadline_s, sent)


def _told(state: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in state.items())
