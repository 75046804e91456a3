"""What every plugin test starts from: a client, a clock that stands still, recorded bodies, an incident."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import PublicState, Update
from incident_copilot.ports import PluginEnv, Question

FIXTURES = Path(__file__).parent.parent / "fixtures"
NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)


@pytest.fixture
def fixture():
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_text())


@pytest.fixture(scope="session")
def tls():
    """What clients trust; to read all the roots anew takes longer than most tests."""
    return httpx.create_ssl_context(trust_env=False)


@pytest.fixture
async def env(tls):
    async with httpx.AsyncClient(verify=tls) as http:
        yield PluginEnv(http=http, now=lambda: NOW, secret="s3cret")


@pytest.fixture
def update():
    """`update(state=...)`: an update for customers about a P1 on mailer; with `ref` a later one."""

    def told(**fields):
        values = {
            "key": "0192-1",
            "incident_id": "inc",
            "name": "Trouble with Mail",
            "text": "Some mail is late.",
            "state": PublicState.INVESTIGATING,
            "severity": Severity.P1,
            "service": "mailer",
            "audience": Audience.CUSTOMERS,
            "started_at": NOW - timedelta(minutes=5),
        }
        return Update.model_validate(values | fields)

    return told


@pytest.fixture
def question():
    """Ask about an alert on mailer at 09:05, from an hour before now."""
    alert = Alert(
        source="alertmanager",
        fingerprint="f",
        name="MailErrors",
        status=AlertStatus.FIRING,
        service="mailer",
        labels={"alertname": "MailErrors", "service": "mailer"},
        starts_at=NOW - timedelta(minutes=5),
        expression='job:errors:ratio{service="mailer"} > 0.05',
    )
    incident = Incident(
        id="inc",
        workspace_id="w",
        number=42,
        title="Mail fails",
        severity=Severity.P1,
        status=Status.OPEN,
        correlation_key="k",
        environment="prod",
        started_at=NOW - timedelta(minutes=5),
        opened_at=NOW,
    )
    return Question(
        incident=incident,
        alerts=(alert,),
        services=("mailer",),
        repos={"mailer": "acme/mailer"},
        since=NOW - timedelta(hours=1),
        until=NOW,
    )
