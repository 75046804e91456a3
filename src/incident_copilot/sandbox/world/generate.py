"""Makes scenarios from a seed: a fault, the service it is in, and something that only looks guilty."""

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml

Part = dict[str, Any]

SERVICES: Mapping[str, tuple[str, ...]] = {
    "storefront": ("checkout", "search"),
    "checkout": ("payments",),
    "payments": ("payments-db",),
    "search": (),
    "reports": ("payments-db",),
    "payments-db": (),
}
"""What each service depends on; all but the database have a repository and can be rolled back."""
TEAMS = {"storefront": "web", "search": "search", "reports": "data", "payments-db": "data"}
AUTHORS = ("mira", "tomas", "lena", "jonas", "pia")
LONG_AGO_S, BAD_S, ONSET_S = -93_600, -210, -184
HERRINGS = ("newest", "neighbour", "old")


class Fault(NamedTuple):
    """One way to break a service: its words, its diff (None: nothing was deployed), its metric and log line."""

    name: str
    statement: str
    title: str
    file: str
    patch: str | None
    metric: Part
    line: str


FAULTS: tuple[Fault, ...] = (
    Fault(
        "pool",
        "{service} {version} lowered pool_size from 20 to 4, so requests wait for a connection and time out.",
        "Use the shared database template",
        "config/database.yml",
        "@@ -4,4 +4,4 @@ production:\n   adapter: postgresql\n-  pool_size: 20\n+  pool_size: 4\n   pool_timeout: 3\n",
        {"metric": "db_pool_connections_in_use", "unit": "connections", "baseline": 11, "maximum": 20, "to": 4},
        "ERROR [{service}] sqlalchemy.exc.TimeoutError: QueuePool limit of size 4 overflow 0 reached, connection timed "
        "out, timeout 3.00 request_id=<uuid>",
    ),
    Fault(
        "timeout",
        "{service} {version} lowered upstream_timeout_ms from 2000 to 150, so that calls are given up too early.",
        "Tighten the client's timeouts",
        "config/clients.yml",
        "@@ -9,3 +9,3 @@ upstream:\n   retries: 1\n-  upstream_timeout_ms: 2000\n+  upstream_timeout_ms: 150\n",
        {"metric": "upstream_timeouts:rate5m", "unit": "1/s", "baseline": 0.1, "to": 21},
        "ERROR [{service}] upstream call gave up after 150 ms (upstream_timeout_ms=150) attempt <int:1-2> "
        "request_id=<uuid>",
    ),
    Fault(
        "exception",
        "{service} {version} reads a field that old orders do not have, and fails on each of them.",
        "Read the gift note of an order",
        "app/orders.py",
        '@@ -40,2 +40,3 @@ def shown(order: Order) -> Shown:\n+    note = order.extra["gift_note"].strip()\n'
        "     return Shown(order.id, order.lines)\n",
        {"metric": "process_exceptions:rate5m", "unit": "1/s", "baseline": 0.05, "to": 20},
        "ERROR [{service}] KeyError: 'gift_note' in app/orders.py line 41 order=<int:4100000-4999999> "
        "request_id=<uuid>",
    ),
    Fault(
        "memory",
        "{service} {version} lowered memory_limit_mb from 1024 to 256, so that its processes are killed.",
        "Save memory",
        "deploy/values.yaml",
        "@@ -11,3 +11,3 @@ resources:\n   cpu: 2\n-  memory_limit_mb: 1024\n+  memory_limit_mb: 256\n",
        {"metric": "container_restarts:rate5m", "unit": "1/s", "baseline": 0, "to": 0.4},
        "ERROR [{service}] worker <int:1-8> was killed: OOMKilled, memory_limit_mb=256 exceeded pid=<int:100-9000>",
    ),
    Fault(
        "traffic",
        "No change explains this. Requests to {service} rose fourfold within two minutes, and its CPU is at its limit.",
        "",
        "",
        None,
        {"metric": "container_cpu_usage:ratio", "unit": "ratio", "baseline": 0.26, "maximum": 1, "to": 0.99},
        "ERROR [{service}] load shed: queue is full (depth <int:512-2048>) path=/v1/<pick:list|show|buy> "
        "request_id=<uuid>",
    ),
)


def generated(seed: int, *, rollback: bool = False) -> str:
    """Return the text of the scenario that a seed makes, always the same; `rollback`: one that a rollback heals."""
    chance = random.Random(seed)  # noqa: S311 -- the same seed must make the same drill
    fault = chance.choice([one for one in FAULTS if one.patch or not rollback])
    service = chance.choice([name for name in SERVICES if _repo(name)])
    callers = [name for name, needs in SERVICES.items() if service in needs and _repo(name)]
    alerting = chance.choice([service, *callers]) if fault.patch else service
    herring = chance.choice(HERRINGS)
    share = round(chance.uniform(0.12, 0.35), 2)
    made = _Making(chance, seed, fault, service, alerting, herring, share)
    return yaml.safe_dump(made.scenario(), sort_keys=False, width=110, allow_unicode=True)


class _Making(NamedTuple):
    chance: random.Random
    seed: int
    fault: Fault
    service: str
    alerting: str
    herring: str
    share: float

    def scenario(self) -> Part:
        """Return the whole of it."""
        version, before = _version(self.chance), _version(self.chance)
        statement = self.fault.statement.format(service=self.service, version=version)
        looks_guilty, why_not = self._herring()
        bad = [self._deploy(self.service, version, BAD_S, self.fault.title, self._diff())] if self.fault.patch else []
        return {
            "name": f"seed_{self.seed}",
            "title": f"{self.fault.name} in {self.service}, seen at {self.alerting}",
            "description": f"Made from seed {self.seed}. {statement}",
            "truth": {
                "onset_s": float(ONSET_S),
                "cause": {
                    "kind": "deploy" if self.fault.patch else "external",
                    "object": version if self.fault.patch else "traffic",
                    "service": self.service,
                    "statement": statement,
                },
                "red_herring": {
                    "object": looks_guilty["version"],
                    "service": str(looks_guilty["repo"]).partition("/")[2],
                    "why_not": why_not,
                },
            },
            "labels": {"cluster": "drill-1", "env": "production"},
            "catalog": _catalog(),
            "alerts": self._alerts(),
            "series": self._series(),
            "logs": self._logs(),
            "deploys": sorted(
                [self._deploy(self.service, before, LONG_AGO_S, "Log less", []), *bad, looks_guilty],
                key=lambda one: float(one["at_s"]),
            ),
            "remedies": self._remedies([before, looks_guilty["version"]]),
        }

    def _remedies(self, versions: Sequence[str]) -> list[Part]:
        """Return what heals it: an earlier version of the service, or more of it where nothing was deployed."""
        repo, service = _repo(self.service), {"service": self.service}
        if self.fault.patch is None:
            return [{"repo": repo, "workflow": "scale.yml", "inputs": service}]
        return [
            {"repo": repo, "workflow": "rollback.yml", "inputs": {**service, "version": version}}
            for version in versions
        ]

    def _diff(self) -> list[Part]:
        return [{"filename": self.fault.file, "patch": self.fault.patch}]

    def _herring(self) -> tuple[Part, str]:
        """Return the deploy that only looks guilty, and what gives it away."""
        harmless = [{"filename": "web/locales/en.json", "patch": '@@ -4,1 +4,1 @@\n-  "pay": "Pay"\n+  "pay": "Buy"\n'}]
        title, version = "Rename a button", _version(self.chance)
        others = [name for name in SERVICES if _repo(name) and name not in (self.service, self.alerting)]
        apart = [name for name in others if name not in SERVICES[self.alerting] and self.alerting not in SERVICES[name]]
        if self.herring == "newest" and self.alerting != self.service:
            made = self._deploy(self.alerting, version, -100, title, harmless)
            return made, "It is the newest deploy on the alerting service, but it went live after the errors began."
        if self.herring == "old":
            made = self._deploy(self.service, version, -18_000, title, harmless)
            return made, "It is the deploy before on this service, and ran for five hours without an error."
        made = self._deploy(self.chance.choice(apart or others), version, -300, title, harmless)
        return made, "It went live right before the errors, on a service that has nothing to do with them."

    def _deploy(self, service: str, version: str, at_s: float, title: str, files: Sequence[Part]) -> Part:
        author = self.chance.choice(AUTHORS)
        made = {"repo": _repo(service), "version": version, "at_s": float(at_s), "title": title, "author": author}
        return {**made, "files": list(files)}

    def _alerts(self) -> list[Part]:
        name, percent = self.alerting, f"{self.share:.0%}"
        return [
            {
                "after_s": 0,
                "expr": f'job:http_errors:ratio{{service="{name}"}} > 0.05',
                "labels": {"alertname": "HighErrorRate", "service": name, "severity": "critical", "team": _team(name)},
                "annotations": {
                    "summary": f"High 5xx ratio on {name}",
                    "description": f"{name} is failing {percent} of requests (threshold 5%).",
                },
            }
        ]

    def _series(self) -> list[Part]:
        metric = {key: value for key, value in self.fault.metric.items() if key != "to"}
        to = self.fault.metric["to"]
        found = [self._line("job:http_errors:ratio", self.alerting, "ratio", 0.004, self.share)]
        found.append(self._line("job:http_request_duration_seconds:p99", self.service, "seconds", 0.3, 2.9))
        found.append({**metric, "labels": {"service": self.service}, "phases": _phases(to), "healed": {"decay_s": 1}})
        if self.alerting != self.service:
            found.append(self._line("job:http_errors:ratio", self.service, "ratio", 0.002, self.share))
        traffic = self._line("job:http_requests:rate5m", self.service, "requests/s", 103.0, 415.0)
        found.append(traffic if self.fault.patch is None else {**traffic, "phases": []})
        quiet = next(name for name in SERVICES if name not in (self.service, self.alerting) and _repo(name))
        return [*found, {**self._line("job:http_errors:ratio", quiet, "ratio", 0.006, 0.006), "phases": []}]

    def _line(self, metric: str, service: str, unit: str, baseline: float, to: float) -> Part:
        made = {"metric": metric, "labels": {"service": service}, "unit": unit, "baseline": baseline, "noise": 0.03}
        return {**made, "phases": _phases(to), "healed": {"decay_s": 2}}

    def _logs(self) -> list[Part]:
        rate = round(6_200 * self.share)
        broken = {"per_minute": 0, "phases": [{"from_s": -180, "per_minute": rate}], "healed_per_minute": 0}
        said = [{"service": self.service, "level": "error", "template": self.fault.line.format(service=self.service)}]
        if self.alerting != self.service:
            line = f"ERROR [{self.alerting}] call to {self.service} answered 500 request_id=<uuid>"
            said.append({"service": self.alerting, "level": "error", "template": line})
        standing = f"WARN [{self.service}] retrying receipt, attempt <int:2-4> of 5: smtp 451 greylisted"
        quiet = {"service": self.service, "level": "warn", "template": standing, "per_minute": 9}
        return [*({**one, **broken} for one in said), quiet]


def _phases(to: float) -> list[Part]:
    return [{"from_s": float(ONSET_S), "to": to, "ramp_s": 6, "noise": 0.01}]


def _catalog() -> Part:
    return {
        "services": [_service(name, needs) for name, needs in SERVICES.items()],
        "teams": [
            {"name": team, "on_call": {"primary": "U0ANA", "secondary": "U0SAM"}}
            for team in sorted({_team(name) for name in SERVICES})
        ],
    }


def _service(name: str, needs: Sequence[str]) -> Part:
    known: Part = {"name": name, "team": _team(name), "tier": 1, "depends_on": list(needs), "environment": "production"}
    if name in ("storefront", "checkout"):
        known["user_facing"] = True
    return {**known, "repo": _repo(name), "rollback": {"workflow": "rollback.yml"}} if _repo(name) else known


def _team(service: str) -> str:
    return TEAMS.get(service, "payments")


def _repo(service: str) -> str | None:
    return None if service.endswith("-db") else f"acme/{service}"


def _version(chance: random.Random) -> str:
    return f"v{chance.randint(1, 9)}.{chance.randint(0, 40)}.{chance.randint(0, 9)}"
