"""The web application over a fresh database, asked without a network."""

from datetime import UTC, datetime

import httpx
import pytest

from incident_copilot.domain.catalog import Catalog
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps
from incident_copilot.plugins.alert_sources import alertmanager
from incident_copilot.ports import PluginEnv
from incident_copilot.web.server import application

SECRET = "s3cret-of-the-webhook"


@pytest.fixture
def deps(db):
    """What web pages work with; there is no chat behind them."""
    return Deps(
        db=db,
        now=lambda: datetime.now(UTC),
        workspace_id="w",
        chat=None,
        catalog=Catalog(),
        runbooks=RunbookIndex.build(Library()),
    )


@pytest.fixture
def sources():
    """One Alertmanager, as /webhooks/prod."""
    env = PluginEnv(http=None, now=lambda: datetime.now(UTC), secret=SECRET, instance="prod")
    return {"prod": alertmanager.create(env, alertmanager.Options())}


@pytest.fixture
def ask(deps, sources):
    """Opens a client to the application; who it listens to by keyword."""

    def opened(base_url="http://127.0.0.1:8420", *, deps=deps, page_token=None, api_token=None, local_only=True):
        app = application(deps, sources, page_token=page_token, local_only=local_only, api_token=api_token)
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base_url)

    return opened
