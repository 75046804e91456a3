"""What the tests of alert sources share: a source that is set up, and what becomes of what it is sent."""

import json
from datetime import UTC, datetime

from incident_copilot.ports import PluginEnv

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)


def source(module, secret="s3cret", **options):
    """Return the module's source, under the instance name "it"."""
    env = PluginEnv(http=None, now=lambda: NOW, secret=secret, instance="it")
    return module.create(env, module.Options.model_validate(options))


def parse(module, body, headers=None, **options):
    """Return what becomes of a body: bytes as they are, anything else as JSON."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return source(module, **options).parse(headers or {}, sent)


def alert(module, body, headers=None, **options):
    """Return the one alert of a body."""
    (found,) = parse(module, body, headers, **options).alerts
    return found


def change(module, body, headers=None, **options):
    """Return the one change of a body."""
    (found,) = parse(module, body, headers, **options).changes
    return found


def told(found, *names):
    """Return these fields of an alert or change, in order."""
    return tuple(getattr(found, name) for name in names)


def at(*time):
    """Return a time of 2026 in UTC: month, day, hour, minute, second."""
    return datetime(2026, *time, tzinfo=UTC)
