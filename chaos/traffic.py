"""Traffic: alerts of many services that fire and resolve, and people who acknowledge; all that was acked is noted."""

import asyncio
import contextlib
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from chaos.drill import Drill
from incident_copilot.demo import files
from incident_copilot.sandbox.wire import Refused

SERVICES = 12
EVERY_S = 0.4


@dataclass
class Traffic:
    """What was sent and taken, by service: `acked` is the newest state that a 2xx promised.

    `unanswered` is what was sent after it and got no answer, which may have been taken all the same.
    """

    drill: Drill
    chance: random.Random
    acked: dict[str, str] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)
    clicked: set[str] = field(default_factory=set)
    webhooks: int = 0
    _firing: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def alerts(self) -> None:
        """Send webhooks until cancelled; what is refused or unanswered is sent again, as Alertmanager does."""
        while True:
            alert = self._next()
            await self._deliver(alert)
            await asyncio.sleep(EVERY_S * self.chance.random() * 2)

    async def clicks(self) -> None:
        """Acknowledge incidents until cancelled."""
        ana = self.drill.person("ana")
        while True:
            await asyncio.sleep(EVERY_S * 4)
            for place in self.drill.channels():
                cards = self.drill.sandbox.messages(place)[:1]
                if cards and place not in self.clicked and "acknowledge" in str(cards[0].blocks):
                    with contextlib.suppress(Refused):
                        ack = await ana.click(cards[0], "acknowledge")
                        if ack.ok:
                            self.clicked.add(place)

    def _next(self) -> dict[str, Any]:
        name = f"svc-{self.chance.randrange(SERVICES)}"
        firing = self._firing.pop(name, None)
        if firing:
            return {**firing, "status": "resolved", "endsAt": datetime.now(UTC).isoformat()}
        alert = {
            "status": "firing",
            "labels": {"alertname": "Errors", "service": name, "severity": "critical"},
            "annotations": {"summary": f"Errors on {name}"},
            "startsAt": datetime.now(UTC).isoformat(),
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.net/graph",
        }
        self._firing[name] = alert
        return alert

    async def _deliver(self, alert: dict[str, Any]) -> None:
        body = {"version": "4", "receiver": "copilot", "status": alert["status"], "alerts": [alert]}
        headers = {"Authorization": f"Bearer {files.SECRET}", "Content-Type": "application/json"}
        content = json.dumps(body).encode()
        service = alert["labels"]["service"]
        self.unanswered[service] = f"{alert['startsAt']} {alert['status']}"
        while True:
            for copilot in self.drill.living():
                with contextlib.suppress(httpx.HTTPError):
                    answer = await self.drill.http.post(
                        f"{copilot.url}/webhooks/alertmanager", content=content, headers=headers
                    )
                    if answer.is_success:
                        self.webhooks += 1
                        self.acked[service] = self.unanswered.pop(service)
                        return
            await asyncio.sleep(EVERY_S)
