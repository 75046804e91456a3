"""What every test of an alert source does: hand it a body, and look at the fields that people read."""

import json
from datetime import UTC, datetime

from incident_copilot.ports import PluginEnv

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
SECRET = "s3cret"
READ = ("name", "status", "severity", "service", "environment")


def source(module, secret=SECRET, **options):
    """Return the source under the name "src"."""
    env = PluginEnv(http=None, now=lambda: NOW, secret=secret, instance="src")
    return module.create(env, module.Options(**options))


def parse(module, body, headers=(), **options):
    """Return what a body becomes."""
    return source(module, **options).parse(dict(headers), json.dumps(body).encode())


def one(module, body, **options):
    """Return the only alert of a body."""
    (alert,) = parse(module, body, **options).alerts
    return alert


def changed(module, body, **options):
    """Return the only change of a body."""
    (change,) = parse(module, body, **options).changes
    return change


def read(alert):
    """Return the fields that people read first."""
    return tuple(getattr(alert, name) for name in READ)


def at(hour, minute=0, second=0, microsecond=0):
    """Return a time of the day on which all bodies were sent."""
    return datetime(2026, 11, 21, hour, minute, second, microsecond, tzinfo=UTC)
