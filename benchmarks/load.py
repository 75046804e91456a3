"""Load for the benchmarks: keep-alive connections that post alerts as fast as they are answered, or at a pace.

Runs as a process of its own, so that it takes nothing from the one that is measured:
`python benchmarks/load.py '{"port": 8420, ...}'` prints what came back as JSON. The fields are those of `Load`.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

SECRET = "of-the-benchmark"
NAMES = 50
FINGERPRINT = "f1e2d3c4%08x"
PATHS = {"webhook": "/webhooks/bench", "alertmanager": "/api/v2/alerts", "alerta": "/webhooks/prometheus"}
EXPRESSION = "sum%28rate%28http_requests_total%7Bcode%3D~%225..%22%7D%5B5m%5D%29%29+%3E+0.05"


@dataclass(frozen=True)
class Load:
    """What to send: `target` is one of PATHS; at most `total` alerts, `per_s` alerts a second, 0 = no limit.

    Alerts differ by instance and pod, numbered from `first`; `status` is firing or resolved. Of several services,
    separated by commas, each alert is of the next one.
    """

    port: int
    target: str = "webhook"
    alerts: int = 64
    connections: int = 32
    seconds: float = 5.0
    total: int = 0
    per_s: float = 0.0
    first: int = 0
    status: str = "firing"
    service: str = "checkout"
    since: str = ""
    secret: str = SECRET
    path: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came back; `seconds` from the first request to the last answer."""

    requests: int
    alerts: int
    seconds: float
    statuses: dict[str, int]
    p50_ms: float
    p99_ms: float
    times: list[float] = field(default_factory=list)

    @property
    def alerts_per_s(self) -> float:
        """Accepted alerts each second."""
        return self.alerts / self.seconds


def run(load: Load) -> Outcome:
    """Send it from another process and return what came back."""
    command = [sys.executable, str(Path(__file__)), json.dumps(asdict(load))]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return Outcome(**json.loads(done.stdout))


def start(load: Load) -> subprocess.Popen[str]:
    """Begin to send; `finish` waits for it."""
    command = [sys.executable, str(Path(__file__)), json.dumps(asdict(load))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> Outcome:
    """Wait for a load that was started and return what came back."""
    return Outcome(**json.loads(process.communicate()[0]))


class Requests:
    """Makes requests; all but the numbers of alerts is written once."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._since = load.since or datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self._pieces = [self._piece(number) for number in range(NAMES)]
        self._before, self._after = self._frame()
        self.path = load.path or PATHS[load.target]
        self.headers = {"Content-Type": "application/json"}
        if load.target == "webhook":  # Alerta takes a token it does not know for a wrong one
            self.headers["Authorization"] = f"Bearer {load.secret}"
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        self._head = f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Content-Length: %d\r\n\r\n".encode()

    def body(self, first: int) -> bytes:
        """Return a body with the alerts from this number on."""
        numbers = range(first, first + self._load.alerts)
        pieces = b",".join(self._pieces[number % NAMES] % (number, number, number) for number in numbers)
        return self._before + pieces + self._after

    def request(self, first: int) -> bytes:
        """Return the whole request as it goes over the wire."""
        body = self.body(first)
        return self._head % len(body) + body

    @staticmethod
    def fingerprint(number: int) -> str:
        """Return the fingerprint of the alert with this number."""
        return FINGERPRINT % number

    def _piece(self, name: int) -> bytes:
        """Return one alert as Alertmanager sends it (or takes it), with three places for its number."""
        services = self._load.service.split(",")
        service = services[name % len(services)]
        alert = {
            "status": self._load.status,
            "labels": {
                "alertname": f"CheckoutProblem{name}",
                "cluster": "eu-1",
                "env": "prod",
                "instance": "10.1.%08x:9100",
                "namespace": "shop",
                "pod": "checkout-6f7d9c-%08x",
                "service": service,
                "severity": "critical",
            },
            "annotations": {
                "description": "Requests fail on this pod since some minutes; the dashboard shows the share by route.",
                "runbook_url": "https://runbooks.example/checkout",
                "summary": f"{service} answers with errors",
            },
            "startsAt": self._since,
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": f"https://prometheus.example/graph?g0.expr={EXPRESSION}&g0.tab=1".replace("%", "%%"),
            "fingerprint": FINGERPRINT,
        }
        if self._load.target == "alertmanager":
            for field_of_webhooks in ("status", "endsAt", "fingerprint"):
                del alert[field_of_webhooks]
            alert["labels"]["number"] = "%08x"
        return json.dumps(alert).encode()

    def _frame(self) -> tuple[bytes, bytes]:
        if self._load.target == "alertmanager":
            return b"[", b"]"
        group = {
            "version": "4",
            "groupKey": '{}:{service="checkout"}',
            "truncatedAlerts": 0,
            "status": self._load.status,
            "receiver": "copilot",
            "groupLabels": {"service": self._load.service},
            "commonLabels": {"cluster": "eu-1", "env": "prod", "service": self._load.service},
            "commonAnnotations": {"runbook_url": "https://runbooks.example/checkout"},
            "externalURL": "https://alertmanager.example",
        }
        return json.dumps(group).encode()[:-1] + b', "alerts": [', b"]}"


class _Sender(asyncio.Protocol):
    def __init__(self, load: Load, maker: Requests, shared: "_Shared") -> None:
        self._load, self._maker, self._shared = load, maker, shared
        self._sent_at = 0.0
        self._got = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) >= length:
            self._got = b""
            self._shared.note(head[9:12].decode(), time.perf_counter() - self._sent_at)
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._shared.statuses["lost"] += 1
            self.done.set_result(None)

    def _next(self) -> None:
        pause = self._shared.pause()
        if pause is None:
            self.done.set_result(None)
            self._transport.close()
        elif pause > 0:
            asyncio.get_running_loop().call_later(pause, self._next)
        else:
            request = self._maker.request(self._shared.take())
            self._sent_at = time.perf_counter()
            self._transport.write(request)


class _Shared:
    """What all connections have in common: the next number, the pace, the counts."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._next = load.first
        self.started = time.perf_counter()
        self.ended = self.started
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []

    def pause(self) -> float | None:
        """Return how long to wait for the next request, None at the end."""
        load, sent = self._load, self._next - self._load.first
        elapsed = time.perf_counter() - self.started
        if (load.total and sent >= load.total) or (load.seconds and elapsed >= load.seconds):
            return None
        return max(0.0, sent / load.per_s - elapsed) if load.per_s else 0.0

    def take(self) -> int:
        self._next += self._load.alerts
        return self._next - self._load.alerts

    def note(self, status: str, latency_s: float) -> None:
        self.statuses[status] += 1
        self.latencies.append(latency_s)
        self.ended = time.perf_counter()


async def _send(load: Load) -> Outcome:
    maker, shared = Requests(load), _Shared(load)
    loop = asyncio.get_running_loop()
    pairs = [
        await loop.create_connection(lambda: _Sender(load, maker, shared), "127.0.0.1", load.port)
        for _ in range(load.connections)
    ]
    await asyncio.gather(*(sender.done for _, sender in pairs))
    taken = sum(count for status, count in shared.statuses.items() if status.startswith("2"))
    latencies = sorted(shared.latencies) or [0.0]
    return Outcome(
        requests=taken,
        alerts=taken * load.alerts,
        seconds=shared.ended - shared.started,
        statuses=dict(shared.statuses),
        p50_ms=1000 * latencies[len(latencies) // 2],
        p99_ms=1000 * latencies[len(latencies) * 99 // 100],
    )


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_send(Load(**json.loads(sys.argv[1])))))))
