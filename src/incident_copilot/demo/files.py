"""The files and settings with which the demo's copilot runs."""

import json
import socket
from functools import cache
from pathlib import Path

from incident_copilot.drill.worlds import METRICS
from incident_copilot.sandbox.sandbox import Sandbox
from incident_copilot.sandbox.state.workspace import ChannelSpec
from incident_copilot.sandbox.world import load_scenario, merged_catalog_yaml, scenario_names

SECRET = "demo-secret"  # noqa: S105 -- guards a webhook on loopback, and is printed for people to use
TOKEN = "demo-github-token"  # noqa: S105 -- the sandbox's GitHub takes any
CHANNELS = (
    ChannelSpec("general", purpose="For everyone."),
    ChannelSpec("incidents", purpose="Incidents are announced here."),
    ChannelSpec("incident-updates", purpose="Approved updates for colleagues."),
    ChannelSpec("customer-updates", purpose="Approved updates for customers."),
    ChannelSpec("copilot-ops", purpose="What the copilot's operators should know."),
)


def write_configuration(folder: Path, world_url: str) -> None:
    """Write copilot.yaml (JSON is YAML) and catalog.yaml for the sandbox's world."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "copilot.yaml").write_text(json.dumps(_plugins(world_url), indent=2))
    (folder / "catalog.yaml").write_text(_catalog())


@cache
def _catalog() -> str:
    return merged_catalog_yaml([load_scenario(name) for name in scenario_names()])


def environment(folder: Path, sandbox: Sandbox, port: int) -> dict[str, str]:
    """Return the settings of the demo's copilot, which knows only a base URL and tokens."""
    return {
        "COPILOT_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'copilot.db'}",
        "COPILOT_PORT": str(port),
        "COPILOT_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "COPILOT_SLACK_BASE_URL": sandbox.base_url,
        "COPILOT_SLACK_BOT_TOKEN": sandbox.bot_token,
        "COPILOT_SLACK_APP_TOKEN": sandbox.app_token,
        "COPILOT_ALERTMANAGER_SECRET": SECRET,
        "COPILOT_GITHUB_TOKEN": TOKEN,
        "COPILOT_CONFIG_FILE": str(folder / "copilot.yaml"),
        "COPILOT_CATALOG_FILE": str(folder / "catalog.yaml"),
    }


def model_settings(base_url: str, model: str, api_key: str | None = None) -> dict[str, str]:
    """Return the settings of a copilot with a language model, which may be a small one on a slow machine."""
    patient = {
        "COPILOT_LLM_DEADLINE_S": "120",
        "COPILOT_LLM_SECONDS_PER_INCIDENT": "900",
    }
    key = {"COPILOT_LLM_API_KEY": api_key} if api_key else {}
    return {"COPILOT_LLM_BASE_URL": base_url, "COPILOT_LLM_MODEL": model, **patient, **key}


def port_or_free(port: int) -> int:
    """Return the port, or 0 for a free one where somebody else listens on it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def free_port() -> int:
    """Return a port that nothing listens on, for a process that is started again at the same address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _plugins(world: str) -> dict[str, list[dict[str, object]]]:
    queries = [
        {"title": title, "query": f'{metric}{{service="{{service}}"}}', "unit": unit} for title, metric, unit in METRICS
    ]
    alertmanager = {"url": f"{world}/alertmanager"}
    github = {"plugin": "", "secret_env": "COPILOT_GITHUB_TOKEN", "options": {"url": f"{world}/github"}}
    return {
        "alert_sources": [{"plugin": "alertmanager", "secret_env": "COPILOT_ALERTMANAGER_SECRET"}],
        "context_sources": [
            {"plugin": "prometheus", "options": {"url": f"{world}/prometheus", "extra_queries": queries}},
            {"plugin": "loki", "options": {"url": f"{world}/loki"}},
            {**github, "plugin": "github_deploys"},
            {"plugin": "statuspage", "options": {"pages": [{"name": "openai", "url": f"{world}/status/openai"}]}},
        ],
        "silence_sources": [{"plugin": "alertmanager", "name": "silence", "options": alertmanager}],
        "actions": [{**github, "plugin": "github_workflow"}, {"plugin": "silence", "options": alertmanager}],
    }
