"""A running world: metrics, alerts, logs, GitHub and status pages around one incident, reacting to what is done."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from incident_copilot.sandbox.world import alertmanager, github, loki, pages, prometheus, status_page
from incident_copilot.sandbox.world.scenario import Scenario
from incident_copilot.sandbox.world.state import Dispatch, Silence, WorldState
from incident_copilot.sandbox.world.webhooks import AlertRule, Webhook, firing, resolved

_SOURCES = {
    "alertmanager": alertmanager,
    "prometheus": prometheus,
    "loki": loki,
    "github": github,
    "status": status_page,
}


class Outage(NamedTuple):
    """How a source fails: it answers after `delay_s`; with `status` it answers only that."""

    delay_s: float = 0
    status: int | None = None


class World:
    """One scenario at a certain time; the first alert fires at `started_at` (cut to a whole second).

    `base_url` is where `routes()` are mounted, without a slash at the end; alerts link there.
    `dispatched` is what was done in it before, for a world that goes on.
    `outages` is for tests and drills: {"loki": Outage(status=503)}.
    """

    def __init__(
        self,
        scenario: Scenario,
        started_at: datetime,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        base_url: str = "http://127.0.0.1:8500/world",
        dispatched: Sequence[Dispatch] = (),
    ) -> None:
        self.scenario = scenario
        self.base_url = base_url.rstrip("/")
        self.outages: dict[str, Outage] = {}
        self._state = WorldState(scenario, started_at, now, dispatched)
        self._sent: set[tuple[int, str]] = set()

    @property
    def alert_at(self) -> datetime:
        """Return when the first alert fires."""
        return self._state.alert_at

    @property
    def elapsed_s(self) -> float:
        """Return the seconds since the first alert."""
        return self._state.elapsed_s

    @property
    def dispatches(self) -> list[Dispatch]:
        """Return every workflow run that was started, duplicates included, oldest first."""
        return list(self._state.dispatches)

    @property
    def silences(self) -> list[Silence]:
        """Return every silence that was made, oldest first."""
        return list(self._state.silences)

    @property
    def healed(self) -> bool:
        """Return whether the world has healed by now."""
        healed_at_s = self._state.healed_at_s
        return healed_at_s is not None and healed_at_s <= self._state.elapsed_s

    @property
    def next_at(self) -> datetime | None:
        """Return when the next alert fires or resolves; None: nothing more comes by itself."""
        now_s, healed_at_s = self._state.elapsed_s, self._state.healed_at_s
        fires = [rule.after_s for rule in self.scenario.alerts if healed_at_s is None or rule.after_s < healed_at_s]
        ends = [] if healed_at_s is None else [healed_at_s + rule.resolves_after_s for rule in self.scenario.alerts]
        later = [at_s for at_s in [*fires, *ends] if at_s > now_s]
        return self._state.time(min(later)) if later else None

    def value(self, expression: str) -> float:
        """Return the current value of the first series that the expression selects, for tests and scripts.

        Raises ValueError if it selects none.
        """
        for series in self.scenario.series_of(expression):
            return series.value(self._state.elapsed_s, self._state.healed_at_s)
        raise ValueError(f"{expression!r} selects no series of {self.scenario.name}")

    def routes(self) -> list[Route]:
        """Return the routes, to be mounted at any path."""
        guarded = [
            Route(route.path, self._guarded(source, route.endpoint), methods=sorted(route.methods or ()))
            for source, module in _SOURCES.items()
            for route in module.routes(self._state)
        ]
        return guarded + pages.routes(self._state)

    def take_webhooks(self) -> list[Webhook]:
        """Return what Alertmanager sends and has not been taken yet, oldest first; each is given out once.

        What is silenced is not sent until the silence ends.
        """
        due: list[Webhook] = []
        for number, rule in enumerate(self.scenario.alerts):
            if alertmanager.is_silenced(self._state, {**self.scenario.labels, **rule.labels}):
                continue
            fired = (number, "firing") in self._sent
            if not fired and self._fires(rule, self._state.elapsed_s):
                self._sent.add((number, "firing"))
                due.append(firing(rule, self.scenario.labels, self._starts_at(rule), self.base_url))
                fired = True
            if fired and (number, "resolved") not in self._sent and self._is_over(rule, self._state.elapsed_s):
                self._sent.add((number, "resolved"))
                due.append(self._resolved(rule))
        return sorted(due, key=lambda webhook: webhook.after_s)

    def resolved_webhooks(self, now: datetime) -> list[Webhook]:
        """Return the resolved notifications of all alerts that fired and are over by `now`; changes nothing."""
        elapsed_s = (now - self.alert_at).total_seconds()
        return [
            self._resolved(rule)
            for rule in self.scenario.alerts
            if self._fires(rule, elapsed_s) and self._is_over(rule, elapsed_s)
        ]

    def _fires(self, rule: AlertRule, elapsed_s: float) -> bool:
        healed_at_s = self._state.healed_at_s
        return rule.after_s <= elapsed_s and (healed_at_s is None or rule.after_s < healed_at_s)

    def _is_over(self, rule: AlertRule, elapsed_s: float) -> bool:
        healed_at_s = self._state.healed_at_s
        return healed_at_s is not None and healed_at_s + rule.resolves_after_s <= elapsed_s

    def _resolved(self, rule: AlertRule) -> Webhook:
        ends_at_s = (self._state.healed_at_s or 0) + rule.resolves_after_s
        ends_at = self._state.time(ends_at_s)
        return resolved(rule, self.scenario.labels, self._starts_at(rule), ends_at, self.base_url)

    def _starts_at(self, rule: AlertRule) -> datetime:
        return self.alert_at + timedelta(seconds=rule.after_s)

    def _guarded(
        self, source: str, answer: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def respond(request: Request) -> Response:
            outage = self.outages.get(source, Outage())
            await asyncio.sleep(outage.delay_s)
            if outage.status is not None:
                return PlainTextResponse(f"{source} is out of order", status_code=outage.status)
            return await answer(request)

        return respond


class Stage:
    """One mount for one world after another: `Mount("/world", app=stage)`, then `stage.show(world)`."""

    def __init__(self) -> None:
        self.world: World | None = None
        self._router = Router()

    def show(self, world: World) -> None:
        """Let this world answer from now on."""
        self.world = world
        self._router = Router(routes=world.routes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; 404 while there is no world."""
        await self._router(scope, receive, send)
