"""Writes docs/sources.md from the alert sources, and the pages of context sources and channels: `make sources-page`."""

import importlib
import json
import re
import sys
from datetime import UTC, datetime
from textwrap import dedent, indent

from incident_copilot.plugins import Config, PluginInstance, build, discover

from .documents import ROOT

PAGE = ROOT / "docs" / "sources.md"
FIXTURES = ROOT / "tests" / "fixtures"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LONGEST_SAMPLE = 60
SHIPPED = ("TEMPLATE", "SCRIPT", "MESSAGE")
"""Names under which a module ships what is to be pasted at the vendor."""
OPTIONS = {
    "cloudwatch": {"topics": ["arn:aws:sns:eu-central-1:210987654321:oncall"]},
    "generic": {
        "each": "alarms",
        "name": "rule.title",
        "status": "state",
        "firing": ["raised"],
        "resolved": ["cleared"],
        "key": "id",
        "severity": "rule.level",
        "service": "what.service",
        "starts_at": "since",
    },
}
"""What a source cannot do without; the others are shown as they come."""
HEADERS = {
    "github": {"x-github-event": "deployment_status", "x-github-delivery": "72d3162e"},
    "gitlab": {"x-gitlab-event": "Deployment Hook"},
    "sentry": {"sentry-hook-resource": "event_alert"},
}
"""What a vendor says beside the body, and the source reads."""
HEAD = """# Alert sources

What each alert source takes, how it is set up at the vendor, and what its webhooks become. This page is written by
`make sources-page` from the plugins and the bodies in `tests/fixtures/`; a test compares them.

Every source is an entry in `copilot.yaml` ([operations](operations.md#copilotyaml-plugins)) and listens at
`/webhooks/` and its name. `incident-copilot source test NAME FILE` shows what a body of yours becomes, and which
incident it would join. What no source understands is kept: `incident-copilot dead list`.
"""


def page():
    """The whole page."""
    names = discover("alert_sources")
    listed = "\n".join(f"- [{name}](#{name})" for name in names)
    return "\n".join([HEAD, listed, "", *(section(name) for name in names)]).rstrip() + "\n"


def section(name):
    """One source: what it takes, its set-up, what it ships, a body and what that becomes."""
    module = importlib.import_module(f"incident_copilot.plugins.alert_sources.{name}")
    said = [told(part) for part in module.__doc__.strip().split("\n\n")]
    options = f"Options: {' '.join(module.Options.__doc__.split())}"
    pasted = [_pasted(kind, getattr(module, kind)) for kind in SHIPPED if hasattr(module, kind)]
    return "\n\n".join([f"## {name}", *said, options, *pasted, *_sample(name)]) + "\n"


def told(part):
    """A paragraph of a module's docstring: what is indented is to be pasted, what is numbered are steps."""
    if part[0].isspace():
        return _fence(dedent(part))
    first, *steps = re.split(r"(?:^|\s)\d+\. ", " ".join(part.split()))
    listed = "\n".join(f"1. {step.strip()}" for step in steps)
    return "\n\n".join(text for text in (first.strip(), listed) if text)


def _pasted(kind, text):
    shown = text if isinstance(text, str) else json.dumps(text, indent=2, ensure_ascii=False)
    return f"To paste at the vendor (`{kind}`):\n\n{_fence(shown)}"


def _sample(name):
    body = (FIXTURES / f"{name}.json").read_bytes()
    lines = body.decode().strip().splitlines()
    cut = [*lines[:LONGEST_SAMPLE], "..."] if len(lines) > LONGEST_SAMPLE else lines
    return ["A body:", _fence("\n".join(cut), "json" if cut == lines else ""), "becomes:", _fence(_becomes(name, body))]


def _becomes(name, body):
    instance = PluginInstance(
        kind="alert_sources", plugin=name, name=name, secret_env="SECRET", options=OPTIONS.get(name, {})
    )
    plugins = build(Config(instances=(instance,)), None, lambda: NOW, {"SECRET": "s3cret"})
    delivery = plugins.alert_sources[name].parse(HEADERS.get(name, {}), body)
    told = [("delivery id", delivery.delivery_id), ("ignored", delivery.ignored), ("unknown", delivery.unknown)]
    lines = [f"{what}: {value}" for what, value in told if value]
    for kind, found in (("alert", delivery.alerts), ("change", delivery.changes)):
        for one in found[:2]:
            lines += [kind, indent("\n".join(_fields(one.model_dump(mode="json"))), "  ")]
        lines += [f"and {len(found) - 2} more"] if len(found) > 2 else []
    for figure in [figure for snapshot in delivery.snapshots for figure in snapshot.figures]:
        kept = {"value": figure.value, "successes": figure.successes, "n": figure.n, "counts": figure.counts}
        said = " ".join(f"{key}={value}" for key, value in kept.items() if value not in (None, {}))
        lines.append(f"figure {figure.metric} {figure.group}".rstrip() + f": {said}")
    return "\n".join(lines)


def _fields(values):
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield f"{key}: " + ", ".join(f"{name}={text}" for name, text in value.items())
        elif value not in (None, "", {}):
            yield f"{key}: {value}".replace("\n", " ")


def _fence(text, kind=""):
    return f"```{kind}\n{text}\n```"


if __name__ == "__main__":
    from docs import channels_page, context_page  # they need parts of this one

    for written, text in (
        (PAGE, page()),
        (context_page.PAGE, context_page.page()),
        (channels_page.PAGE, channels_page.page()),
    ):
        written.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{written.relative_to(ROOT)} is written\n")
