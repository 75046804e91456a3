"""A real Prometheus and Alertmanager on loopback, and a shop whose error ratios a test sets."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from chaos.databases import left_to_do
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from incident_copilot.demo import files
from incident_copilot.sandbox.serving import listening, serving
from whole import running, settings_for, workspace

PROMETHEUS = shutil.which("prometheus")
ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
PROMTOOL = shutil.which("promtool")
needs_prometheus = pytest.mark.skipif(
    None in {PROMETHEUS, PROMTOOL, ALERTMANAGER},
    reason="no Prometheus and Alertmanager on this machine: install prometheus and prometheus-alertmanager to run this",
)
METRIC = "service:http_errors:ratio"
WELL = 0.01
START_S, STOP_S = 30, 5
LOOK_S = 0.1
AHEAD = timedelta(seconds=60)


@dataclass
class Shop:
    """Services and the share of their requests that fails, as Prometheus scrapes it, and since when it is so."""

    ratios: dict = field(default_factory=lambda: {"checkout": WELL})
    since_s: int = 0

    def app(self):
        return Starlette(routes=[Route("/metrics", self._metrics)])

    async def _metrics(self, request):
        lines = [f'{METRIC}{{service="{service}"}} {ratio}' for service, ratio in self.ratios.items()]
        return PlainTextResponse("\n".join([f"# TYPE {METRIC} gauge", *lines, ""]))


@dataclass
class Part:
    """A server of one's own, found at `url` once it has started."""

    program: str
    arguments: list
    folder: Path
    port: int
    process: object = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    async def start(self):
        log = self.folder / f"{Path(self.program).name}.log"
        with log.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                self.program,
                *self.arguments,
                cwd=self.folder,
                stdout=out,
                stderr=out,
                env=os.environ | {"GOMAXPROCS": "1"},
            )
        await until(self._is_ready, f"{self.program} to start; see {log}", START_S)

    async def stop(self):
        """End it; one that does not end by itself is killed."""
        if self.process and self.process.returncode is None:
            self.process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), STOP_S)
        await self.kill()

    async def kill(self):
        """End it as a crash does."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def _is_ready(self):
        assert self.process.returncode is None, f"{self.program} ended with {self.process.returncode}"
        return (await _get(f"{self.url}/-/ready")) is not None


@dataclass
class Field:
    """The shop, what watches over it, and a workspace; a copilot runs while `copilot()` is entered."""

    whole: object
    shop: Shop
    prometheus: Part
    alertmanager: Part
    settings: object

    def copilot(self):
        """The copilot, always at the address that Alertmanager knows."""
        return running(self.whole, self.settings)

    async def sends(self, more, kind="notification_requests"):
        """Wait until Alertmanager has sent more webhooks and heard the answers."""
        goal = await self._sent(kind) + more

        async def has_sent():
            return await self._sent(kind) >= goal

        await until(has_sent, f"{more} more of Alertmanager's {kind}", START_S)

    async def is_refused(self):
        """Wait until Alertmanager has sent a webhook that nobody took."""
        await self.sends(1, "notification_requests_failed")

    async def _sent(self, kind):
        metrics = await _get(f"{self.alertmanager.url}/metrics") or ""
        found = re.search(rf'^alertmanager_{kind}_total{{integration="webhook"}} (\S+)', metrics, re.MULTILINE)
        return float(found[1]) if found else 0.0

    async def rests(self):
        """Wait until the copilot has nothing left to do."""
        db = self.whole.open_db()

        async def is_quiet():
            return not await left_to_do(db, within=AHEAD)

        try:
            await until(is_quiet, "the copilot to come to rest", START_S)
        finally:
            await db.close()


@contextlib.asynccontextmanager
async def field_of(folder, shop):
    """A shop that is watched over every second; no copilot runs yet."""
    async with workspace(folder) as whole, listening("127.0.0.1", 0) as sock, serving(shop.app(), sock):
        port = files.free_port()
        alertmanager = _alertmanager(folder, port)
        prometheus = _prometheus(folder, sock.getsockname()[1], alertmanager.port)
        _know_only(folder, prometheus)
        await _remember(folder, shop)
        try:
            await asyncio.gather(alertmanager.start(), prometheus.start())
            yield Field(whole, shop, prometheus, alertmanager, settings_for(whole, port=port))
        finally:
            await asyncio.gather(alertmanager.stop(), prometheus.stop())
        whole.sandbox.assert_conformant()


async def until(condition, what, timeout_s):
    """Wait for what a process of its own has to do.

    Raises: AssertionError: it did not.
    """
    for _ in range(int(timeout_s / LOOK_S)):
        if await condition():
            return
        await asyncio.sleep(LOOK_S)
    raise AssertionError(f"waited {timeout_s} s for {what}")


async def _get(url):
    async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
        with contextlib.suppress(httpx.HTTPError):
            answer = await http.get(url)
            return answer.text if answer.is_success else None


def _know_only(folder, prometheus):
    """The copilot's plugins: Alertmanager tells it, Prometheus is asked."""
    plugins = {
        "alert_sources": [{"plugin": "alertmanager", "secret_env": "COPILOT_ALERTMANAGER_SECRET"}],
        "context_sources": [{"plugin": "prometheus", "options": {"url": prometheus.url}}],
    }
    (folder / "copilot.yaml").write_text(json.dumps(plugins))


async def _remember(folder, shop):
    """Give Prometheus an hour in which all was well until a while ago, as if it had been running."""
    now = int(time.time())
    lines = [
        f'{METRIC}{{service="{service}",job="shop",instance="shop"}} {ratio if at > now - shop.since_s else WELL} {at}'
        for service, ratio in shop.ratios.items()
        for at in range(now - 3900, now, 15)
    ]
    (folder / "hour.txt").write_text("\n".join([f"# TYPE {METRIC} gauge", *lines, "# EOF", ""]))
    arguments = ["tsdb", "create-blocks-from", "openmetrics", "hour.txt", "prometheus"]
    made = await asyncio.create_subprocess_exec(PROMTOOL, *arguments, cwd=folder, stdout=asyncio.subprocess.DEVNULL)
    assert await made.wait() == 0


def _alertmanager(folder, copilot_port):
    """It sends at once, every change within a second, and says everything again every other second."""
    webhook = {
        "url": f"http://127.0.0.1:{copilot_port}/webhooks/alertmanager",
        "send_resolved": True,
        "http_config": {"authorization": {"type": "Bearer", "credentials": files.SECRET}},
    }
    pace = {"group_wait": "0s", "group_interval": "1s", "repeat_interval": "2s"}
    config = {
        "route": {"receiver": "copilot", "group_by": ["alertname", "service"], **pace},
        "receivers": [{"name": "copilot", "webhook_configs": [webhook]}],
    }
    (folder / "alertmanager.yaml").write_text(json.dumps(config))
    port = files.free_port()
    arguments = [
        "--config.file=alertmanager.yaml",
        "--storage.path=alertmanager",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--web.external-url=http://127.0.0.1:{port}/",
        "--cluster.listen-address=",  # one alone, which needs no gossip
    ]
    return Part(ALERTMANAGER, arguments, folder, port)


def _prometheus(folder, shop_port, alertmanager_port):
    """It looks every second; a scrape that is late on a busy machine does not end an alert."""
    rule = {
        "alert": "HighErrorRate",
        "expr": f"max by (service) (last_over_time({METRIC}[30s])) > 0.05",
        "labels": {"severity": "critical"},
        "annotations": {"summary": "Requests of {{ $labels.service }} fail"},
    }
    shop = {"targets": [f"127.0.0.1:{shop_port}"], "labels": {"instance": "shop"}}  # as in what it remembers
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager_port}"]}]}]},
        "scrape_configs": [{"job_name": "shop", "static_configs": [shop]}],
    }
    (folder / "rules.yaml").write_text(json.dumps({"groups": [{"name": "shop", "rules": [rule]}]}))
    (folder / "prometheus.yaml").write_text(json.dumps(config))
    port = files.free_port()
    arguments = [
        "--config.file=prometheus.yaml",
        "--storage.tsdb.path=prometheus",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--web.external-url=http://127.0.0.1:{port}/",
        "--rules.alert.resend-delay=1s",  # so that an Alertmanager that forgot knows again soon
    ]
    return Part(PROMETHEUS, arguments, folder, port)
