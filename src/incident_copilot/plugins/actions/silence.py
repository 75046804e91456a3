"""Silences alerts at Alertmanager, or at Grafana or Mimir, which speak its API, and ends such a silence.

API: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field, Json, ValidationError

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ActionResult, DryRun, PluginEnv, SupervisedAction
from incident_copilot.vendors import silences
from incident_copilot.vendors.http import VendorHttp, read
from incident_copilot.vendors.silences import Made, SilencesOptions, VendorMatcher, VendorSilence

_KEY_SHOWN = "(the id of this approval)"
_ID = r"^[A-Za-z0-9-]{1,100}$"


class Options(SilencesOptions):
    """Where silences are made; nothing else is needed."""


class Silencing(Frozen):
    """What people approve: exactly these matchers, for so many minutes from the moment it is carried out."""

    matchers: Json[list[VendorMatcher]] = Field(min_length=1, max_length=20)
    minutes: int = Field(ge=1, le=7 * 24 * 60)
    comment: str = Field(max_length=300)
    service: str = ""

    @property
    def text(self) -> str:
        """What is silenced, as Alertmanager writes it."""
        return ", ".join(map(silences.said, self.matchers))


class Ending(Frozen):
    """What people approve: that this silence ends."""

    expire: str = Field(pattern=_ID)
    service: str = ""


def create(env: PluginEnv, options: Options) -> SupervisedAction:
    """Return the action."""
    return Silence(env, options)


class Silence:
    """Makes and ends silences at one place; a silence is found again by the key in its comment."""

    retry = "read_back"

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = env.instance or "silence"
        self._now = env.now
        self._vendor: VendorHttp = silences.connect(env, options, self.name)
        self._url = options.url

    async def check(self) -> None:
        """Read what is silenced there. Raises VendorError."""
        await silences.all_of(self._vendor)

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Return the exact request and what is silenced now. Raises VendorError."""
        wanted = _checked(params)
        if isinstance(wanted, Ending):
            return self._end_shown(await silences.one(self._vendor, wanted.expire))
        known = [one for one in await silences.all_of(self._vendor) if one.is_active]
        same = [one for one in known if _same(one.matchers, wanted.matchers)]
        body = self._body(wanted, _KEY_SHOWN, ()) | {"startsAt": "(now)", "endsAt": f"({wanted.minutes} min later)"}
        return DryRun(
            target=wanted.text,
            request=f"POST {self._vendor.url(silences.PATH)}\n{json.dumps(body, indent=2, ensure_ascii=False)}",
            current=f"Silenced already until {same[0].endsAt:%H:%M} UTC." if same else "Not silenced.",
            effect=f"{self.name} sends nothing of what matches for {wanted.minutes} min; it goes on firing.",
            undo="/incident unsilence proposes to end it.",
        )

    async def execute(self, approved: RunAction) -> ActionResult:
        """Silence, or end a silence, once. Raises VendorUnavailable (nothing was done) or OutcomeUnknown."""
        try:
            wanted = _checked(approved.params)
            if isinstance(wanted, Ending):
                await self._vendor.delete(f"api/v2/silence/{wanted.expire}")
                return ActionResult(ok=True, summary=f"Ended silence {wanted.expire} at {self.name}.")
            body = self._body(wanted, approved.key, approved.approved_by)
            response = await self._vendor.post(silences.PATH, body)
            made = read(self.name, response, Made).silenceID
        except VendorRefused as error:
            return ActionResult(ok=False, summary=str(error))
        return self._told(made, wanted.text, self._now() + timedelta(minutes=wanted.minutes))

    async def find(self, approved: RunAction, since: datetime) -> ActionResult | None:
        """Return the silence whose comment carries the key, or that has ended; None: not so yet. Raises VendorError."""
        del since
        wanted = _checked(approved.params)
        if isinstance(wanted, Ending):
            found = await silences.one(self._vendor, wanted.expire)
            ended = ActionResult(ok=True, summary=f"Ended silence {wanted.expire} at {self.name}.")
            return None if found.is_active else ended
        for one in await silences.all_of(self._vendor):
            if f"[{approved.key}]" in one.comment:
                return self._told(one.id, wanted.text, one.endsAt)
        return None

    def _body(self, wanted: Silencing, key: str, people: tuple[str, ...]) -> dict[str, Any]:
        now = self._now()
        by = f" ({', '.join(people)})" if people else ""
        return {
            "matchers": [matcher.model_dump() for matcher in wanted.matchers],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(minutes=wanted.minutes)).isoformat(),
            "createdBy": f"incident-copilot{by}",
            "comment": f"{wanted.comment} [{key}]",
        }

    def _end_shown(self, one: VendorSilence) -> DryRun:
        text = ", ".join(map(silences.said, one.matchers))
        until = f"Silenced until {one.endsAt:%H:%M} UTC by {one.createdBy}." if one.is_active else "It has ended."
        return DryRun(
            target=text,
            request=f"DELETE {self._vendor.url(f'api/v2/silence/{one.id}')}",
            current=until,
            effect=f"{self.name} sends what matches again.",
            undo="/incident silence proposes to silence it again.",
        )

    def _told(self, silence_id: str, text: str, until: datetime) -> ActionResult:
        summary = f"Silenced {text} at {self.name} until {until:%H:%M} UTC ({silence_id})."
        return ActionResult(ok=True, summary=summary, link=silences.page_of(self._url, silence_id))


def _checked(params: Mapping[str, str]) -> Silencing | Ending:
    try:
        return Ending.model_validate(params) if "expire" in params else Silencing.model_validate(params)
    except ValidationError as error:
        fields = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
        raise VendorRefused(f"not asked, because these parameters cannot be right: {fields}", 0) from None


def _same(some: list[VendorMatcher], others: list[VendorMatcher]) -> bool:
    return sorted(map(silences.said, some)) == sorted(map(silences.said, others))
