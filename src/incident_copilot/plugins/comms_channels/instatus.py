"""Publishes updates on a status page of Instatus: one incident there for each incident here.

1. Put an API key (User settings > Developer settings) into the secret. 2. `page` is the page's id, `components` the ids
of its components by the service that they stand for. A component that another incident of the page still names is not
set to operational. Before an incident is created the page is read: one of the same name and beginning is ours, and is
added to.

API: https://instatus.com/help/api/incidents
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field, RootModel

from incident_copilot.domain.base import Utc
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import PublicState, Update
from incident_copilot.ports import CommsChannel, PluginEnv, Receipt
from incident_copilot.vendors.http import BaseUrl, VendorHttp, read
from incident_copilot.vendors.telling import ChannelOptions, Components, ids_of, known, request

_STATUS = {
    Severity.P0: "MAJOROUTAGE",
    Severity.P1: "PARTIALOUTAGE",
    Severity.P2: "DEGRADEDPERFORMANCE",
    Severity.P3: "DEGRADEDPERFORMANCE",
}
_WORKS = "OPERATIONAL"
_SAME_TIME = timedelta(seconds=1)
"""Instatus keeps times in milliseconds."""


class Options(ChannelOptions):
    """Which page, and its components by service; with `notify: false` its subscribers hear nothing of updates."""

    page: str = Field(pattern=r"^[A-Za-z0-9-]{4,60}$")
    components: Components = Field(default_factory=dict)
    notify: bool = True
    url: BaseUrl = "https://api.instatus.com/v1"
    deadline_s: float = Field(default=10, gt=0, le=60)


def create(env: PluginEnv, options: Options) -> CommsChannel:
    """Return the channel."""
    return Instatus(env, options)


class Instatus:
    """A page of Instatus, which keeps no ids of ours: what was published is found again by its words and its time."""

    retry = "read_back"

    def __init__(self, env: PluginEnv, options: Options) -> None:
        self.name = "Instatus" if env.instance in {"", "instatus"} else f"Instatus {env.instance}"
        self.audiences: frozenset[Audience] = frozenset(options.audience)
        headers = {"authorization": f"Bearer {env.secret or ''}"}
        self._http = VendorHttp(env.http, self.name, f"{options.url}/{options.page}", options.deadline_s, headers)
        self._options = options
        self._now = env.now

    async def preview(self, update: Update) -> str:
        """Return the request of the first update, or of a later one."""
        return request("POST", self._http.url(_path(update)), await self._body(update))

    async def publish(self, update: Update) -> Receipt:
        """Create the page's incident, or add to it. Raises as `ports.CommsChannel` says."""
        if "incident" not in update.ref:
            update = update.model_copy(update={"ref": await self._ours(update)})
        response = await self._http.post(_path(update), await self._body(update))
        if ours := update.ref.get("incident"):
            return Receipt(ref={"incident": ours, "update": read(self.name, response, _Told).id})
        made = read(self.name, response, _Incident)
        return _receipt(made, made.updates)

    async def correct(self, update: Update) -> Receipt:
        """Put other words into the update that is out; nobody is notified again."""
        incident, one = known(self.name, update, "incident", "update")
        body = {"message": update.text, "status": update.state.upper(), "notify": False}
        await self._http.put(f"incidents/{incident}/incident-updates/{one}", body)
        return Receipt(ref=dict(update.ref))

    async def retract(self, update: Update) -> Receipt:
        """Leave a line in the place of the update; incident and components stay as they are."""
        return await self.correct(update)

    async def find(self, update: Update, since: datetime) -> Receipt | None:
        """Look for an update with these words that was made since. Raises VendorError."""
        for one in await self._incidents():
            if same := [told for told in one.updates if told.message == update.text and told.made_at >= since]:
                return _receipt(one, same)
        return None

    async def state(self, ref: Mapping[str, str]) -> PublicState | None:
        """Return what the page says of the incident. Raises VendorError."""
        if "incident" not in ref:
            return None
        said = (await self._http.get(f"incidents/{ref['incident']}", _Incident)).status.lower()
        return PublicState(said) if said in set(PublicState) else None

    async def check(self) -> None:
        """Read the page's incidents. Raises VendorError."""
        await self._incidents()

    async def _ours(self, update: Update) -> dict[str, str]:
        """Return where the page's incident for ours is, for its answer may have been lost; empty where there is none.

        While the page cannot be read nothing is created: it might be there already.
        """
        running = [one for one in await self._incidents() if one.is_running and one.name == update.name]
        same = [one for one in running if one.started and abs(one.started - update.started_at) < _SAME_TIME]
        return {"incident": same[0].id} if same else {}

    async def _body(self, update: Update) -> dict[str, Any]:
        own = ids_of(self._options.components, update.service)
        body: dict[str, Any] = {
            "message": update.text,
            "status": update.state.upper(),
            "notify": self._options.notify,
            "started": self._now().isoformat(),
            "components": list(own),
            "statuses": await self._statuses(own, update),
        }
        if "incident" not in update.ref:
            body |= {"name": update.name, "started": update.started_at.isoformat()}
        return body

    async def _statuses(self, own: Sequence[str], update: Update) -> list[dict[str, str]]:
        if not own or update.state is PublicState.MONITORING:
            return []
        if update.state is not PublicState.RESOLVED:
            return [{"id": one, "status": _STATUS[update.severity]} for one in own]
        others = [one for one in await self._incidents() if one.is_running and one.id != update.ref.get("incident")]
        held = {part.id for one in others for part in one.components}
        return [{"id": one, "status": _WORKS} for one in own if one not in held]

    async def _incidents(self) -> Sequence["_Incident"]:
        return (await self._http.get("incidents", _Incidents)).root


class _Component(BaseModel):
    id: str


class _Told(BaseModel):
    """One update of an incident."""

    id: str
    message: str | None = None
    started: Utc
    createdAt: Utc | None = None  # noqa: N815 -- Instatus's own name

    @property
    def made_at(self) -> datetime:
        return self.createdAt or self.started


class _Incident(BaseModel):
    """An incident of the page."""

    id: str
    status: str
    name: str = ""
    started: Utc | None = None
    updates: list[_Told] = []
    components: list[_Component] = []

    @property
    def is_running(self) -> bool:
        return self.status != "RESOLVED"


class _Incidents(RootModel[list[_Incident]]):
    pass


def _path(update: Update) -> str:
    ours = update.ref.get("incident")
    return f"incidents/{ours}/incident-updates" if ours else "incidents"


def _receipt(incident: _Incident, told: Sequence[_Told]) -> Receipt:
    newest = max(told, key=lambda one: one.made_at, default=None)
    return Receipt(ref={"incident": incident.id, **({"update": newest.id} if newest else {})})
