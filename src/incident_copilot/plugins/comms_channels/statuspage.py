"""Publishes updates on a status page of Atlassian Statuspage: one incident there for each incident here.

1. Put an API key of a user who may manage incidents into the secret. 2. `page` is the page's id, `components` the ids
of its components by the service that they stand for. A component that another unresolved incident of the page names is
never improved: it becomes operational with the last of them.

API: https://developer.statuspage.io/#tag/incidents
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
from pydantic import BaseModel, Field, RootModel

from incident_copilot.domain.base import Utc
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import PublicState, Update
from incident_copilot.errors import VendorRefused, VendorUnavailable
from incident_copilot.ports import CommsChannel, PluginEnv, Receipt
from incident_copilot.vendors.http import BaseUrl, VendorHttp, read
from incident_copilot.vendors.telling import ChannelOptions, Components, ids_of, known, request

SLOW_DOWN = 420  # Statuspage's own word for 429
_WORST = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage")
_STATUS = {
    Severity.P0: "major_outage",
    Severity.P1: "partial_outage",
    Severity.P2: "degraded_performance",
    Severity.P3: "degraded_performance",
}
_IMPACT = {Severity.P0: "critical", Severity.P1: "major", Severity.P2: "minor", Severity.P3: "minor"}


class Options(ChannelOptions):
    """Which page, and its components by service; with `notify: false` its subscribers get no mail of updates."""

    page: str = Field(pattern=r"^[a-z0-9]{4,40}$")
    components: Components = Field(default_factory=dict)
    notify: bool = True
    url: BaseUrl = "https://api.statuspage.io/v1"
    deadline_s: float = Field(default=10, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> CommsChannel:
    """Return the channel."""
    return Statuspage(env, options)


class Statuspage:
    """A page of Statuspage; our ids in the metadata of its incidents tell which are ours."""

    retry = "read_back"

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = "Statuspage" if env.instance in {"", "statuspage"} else f"Statuspage {env.instance}"
        self.audiences: frozenset[Audience] = frozenset(options.audience)
        headers = {"authorization": f"OAuth {env.secret or ''}"}
        base = f"{options.url}/pages/{options.page}"
        self._http = VendorHttp(env.http, self.name, base, options.deadline_s, headers)
        self._options = options

    async def preview(self, update: Update) -> str:
        """Return the request of the first update, or of a later one."""
        ours = update.ref.get("incident")
        method, path = ("PATCH", f"incidents/{ours}") if ours else ("POST", "incidents")
        return request(method, self._http.url(path), await self._body(update, ours))

    async def publish(self, update: Update) -> Receipt:
        """Create the page's incident, or add to it. Raises as `ports.CommsChannel` says."""
        ours = update.ref.get("incident") or await self._ours(update)
        body = await self._body(update, ours)
        try:
            if ours:
                response = await self._http.patch(f"incidents/{ours}", body)
            else:
                response = await self._http.post("incidents", body)
        except VendorRefused as error:
            raise _unless_slow(error) from error
        return _receipt(self._read(response), update.text)

    async def correct(self, update: Update) -> Receipt:
        """Put other words into the update that is out; nobody is notified again."""
        incident, one = known(self.name, update, "incident", "update")
        body = {"incident_update": {"body": update.text, "deliver_notifications": False}}
        try:
            await self._http.patch(f"incidents/{incident}/incident_updates/{one}", body)
        except VendorRefused as error:
            raise _unless_slow(error) from error
        return Receipt(ref=dict(update.ref))

    async def retract(self, update: Update) -> Receipt:
        """Leave a line in the place of the update; incident and components stay as they are."""
        return await self.correct(update)

    async def find(self, update: Update, since: datetime) -> Receipt | None:
        """Look for the page's incident whose metadata has this update's key. Raises VendorError."""
        for one in await self._incidents("incidents"):
            is_new = any(told.created_at >= since for told in one.incident_updates)
            if one.copilot.get("update") == update.key and is_new:
                return _receipt(one, update.text)
        return None

    async def state(self, ref: Mapping[str, str]) -> PublicState | None:
        """Return what the page says of the incident. Raises VendorError."""
        if "incident" not in ref:
            return None
        found = await self._http.get(f"incidents/{ref['incident']}", _Incident)
        said = "resolved" if found.status == "postmortem" else found.status
        return PublicState(said) if said in set(PublicState) else None

    async def check(self) -> None:
        """Read the page's components. Raises VendorError."""
        listed = await self._http.get("components", _Components)
        there = {one.id for one in listed.root}
        lost = [one for ids in self._options.components.values() for one in ids if one not in there]
        if lost:
            raise VendorRefused(f"{self.name}: the page has no component {', '.join(lost)}", 0)

    async def _ours(self, update: Update) -> str | None:
        """Return the page's incident for ours where one was made and its answer was lost."""
        unresolved = await self._incidents("incidents/unresolved")
        return next((one.id for one in unresolved if one.copilot.get("incident") == update.incident_id), None)

    async def _body(self, update: Update, ours: str | None) -> dict[str, Any]:
        statuses = await self._statuses(update, ours)
        incident: dict[str, Any] = {
            "status": update.state.value,
            "body": update.text,
            "deliver_notifications": self._options.notify,
            "metadata": {"copilot": {"incident": update.incident_id, "update": update.key}},
        }
        if ours is None:
            incident["name"] = update.name  # later ones leave the title that people may have given it there
        if update.state is not PublicState.RESOLVED:
            incident["impact_override"] = _IMPACT[update.severity]
        if statuses:
            incident |= {"component_ids": list(statuses), "components": statuses}
        return {"incident": incident}

    async def _statuses(self, update: Update, ours: str | None) -> dict[str, str]:
        """Return the state of our own components, without those that another incident holds in a worse one."""
        own = ids_of(self._options.components, update.service)
        if not own or update.state is PublicState.MONITORING:
            return {}
        wanted = "operational" if update.state is PublicState.RESOLVED else _STATUS[update.severity]
        others = [one for one in await self._incidents("incidents/unresolved") if one.id != ours]
        held = {part.id: part.status for one in others for part in one.components}
        return {one: wanted for one in own if _rank(wanted) >= _rank(held.get(one, "operational"))}

    async def _incidents(self, path: str) -> Sequence["_Incident"]:
        try:
            return (await self._http.get(path, _Incidents)).root
        except VendorRefused as error:
            raise _unless_slow(error) from error

    def _read(self, response: httpx.Response) -> "_Incident":
        return read(self.name, response, _Incident)


class _Component(BaseModel):
    id: str
    status: str


class _Told(BaseModel):
    """One update of an incident."""

    id: str
    body: str | None = None
    created_at: Utc


class _Incident(BaseModel):
    """An incident of the page, its updates newest first."""

    id: str
    status: str
    shortlink: str | None = None
    metadata: dict[str, Any] | None = None
    incident_updates: list[_Told] = []
    components: list[_Component] = []

    @property
    def copilot(self) -> Mapping[str, Any]:
        ours = (self.metadata or {}).get("copilot")
        return ours if isinstance(ours, dict) else {}


class _Incidents(RootModel[list[_Incident]]):
    pass


class _Components(RootModel[list[_Component]]):
    pass


def _receipt(incident: _Incident, text: str) -> Receipt:
    """Return what is kept: the newest of the updates with these words is the one that was just made."""
    told = sorted(incident.incident_updates, key=lambda one: one.created_at, reverse=True)
    same = [one for one in told if one.body == text] or told
    ref = {"incident": incident.id, **({"update": same[0].id} if same else {})}
    return Receipt(ref=ref, link=incident.shortlink)


def _rank(status: str) -> int:
    return _WORST.index(status) if status in _WORST else 0


def _unless_slow(error: VendorRefused) -> VendorRefused | VendorUnavailable:
    return VendorUnavailable(str(error), 60.0) if error.status == SLOW_DOWN else error
