"""Pages are for who holds the token, or for this machine alone; health is for everybody."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.postmortem import Postmortem
from incident_copilot.pipeline.deps import Policy
from incident_copilot.store import postmortems
from incident_copilot.store.db import Db
from incident_copilot.store.postmortems import StoredPostmortem

PAGE = "/incidents/1/postmortem"


@pytest.fixture
async def written(deps, open_incident):
    """An incident, INC-1, with a postmortem."""
    opened = await open_incident(deps.db)
    kept = Postmortem(
        incident_id=opened.id,
        label="INC-1",
        title="Errors",
        written_at=datetime.now(UTC),
        facts=(),
        sections=(),
        action_items=(),
        exhibits=(),
        ledger=(),
        charts={},
    )
    async with deps.db.transaction() as tx:
        await postmortems.save(tx, StoredPostmortem(postmortem=kept, markdown="# Errors", html="<h1>Errors</h1>"))


async def status(client, path=PAGE, **headers):
    """The status of a page."""
    return (await client.get(path, headers=headers)).status_code


async def test_on_loopback_the_page_needs_no_token(ask, written):
    async with ask() as client:
        html, markdown = await client.get(PAGE), await client.get(f"{PAGE}.md")

    assert (html.status_code, html.text) == (200, "<h1>Errors</h1>")
    assert (markdown.text, markdown.headers["content-type"]) == ("# Errors", "text/markdown; charset=utf-8")


async def test_elsewhere_without_a_token_there_are_no_pages(ask, written):
    async with ask("http://copilot.example.net", local_only=False) as client:
        assert await status(client) == 401


@pytest.mark.parametrize("host", ["evil.example.net:8420", "10.0.0.7", "localhost.evil.example.net"])
async def test_a_page_that_pretends_to_be_this_machine_gets_nothing(ask, written, host):
    async with ask() as client:
        assert await status(client, Host=host) == 401


async def test_with_a_token_it_is_needed_everywhere(ask, written):
    async with ask(page_token="t0ken") as client:
        assert [
            await status(client),
            await status(client, Authorization="Bearer wrong"),
            await status(client, f"{PAGE}?token=wrong"),
            await status(client, Authorization="Basic t0ken"),
            await status(client, Authorization="Bearer t0ken"),
            await status(client, f"{PAGE}?token=t0ken"),
        ] == [401, 401, 401, 401, 200, 200]


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}.md", "/incidents/99999999999999999999/postmortem"])
async def test_what_is_not_written_is_not_found(ask, path):
    async with ask() as client:
        assert await status(client, path) == 404


async def test_pages_run_nothing_load_nothing_and_are_kept_nowhere(ask, written):
    async with ask() as client:
        headers = [(await client.get(path)).headers for path in (PAGE, f"{PAGE}.md", "/incidents/9/postmortem")]

    for one in headers:
        assert one["content-security-policy"].startswith("default-src 'none'; ")
        assert "script-src" not in one["content-security-policy"]
        assert "frame-ancestors 'none'" in one["content-security-policy"]
        assert (one["cache-control"], one["referrer-policy"]) == ("no-store", "no-referrer")


async def test_health_says_in_which_mode_it_runs(ask, deps):
    shadow = replace(deps, policy=Policy(shadow=True))
    async with ask() as client, ask(deps=shadow, local_only=False) as other:
        assert (await client.get("/healthz")).json() == {"status": "ok", "mode": "live"}
        assert (await other.get("/healthz")).json() == {"status": "ok", "mode": "shadow"}


async def test_without_its_database_it_is_not_healthy_and_shows_no_page(ask, deps, tmp_path):
    (tmp_path / "broken.db").write_bytes(b"this is no database " * 100)
    broken = Db.open(f"sqlite+aiosqlite:///{tmp_path}/broken.db")
    async with ask(deps=replace(deps, db=broken)) as client:
        health, page = await client.get("/healthz"), await client.get(PAGE)
        incident = await client.get("/incidents/1")

    await broken.close()
    assert (health.status_code, health.json()) == (503, {"status": "the database does not answer"})
    for shown in (page, incident):
        assert (shown.status_code, shown.text) == (503, "The database does not answer; try again.")


async def test_report_on_ai_systems_is_a_page(ask):
    async with ask() as client:
        weekly = await client.get("/ai/report")
        strange = await client.get("/ai/report?period=yearly")

    assert (weekly.status_code, "AI health, weekly" in weekly.text) == (200, True)
    assert (strange.status_code, strange.text) == (404, "There are reports daily, weekly, monthly.")


async def test_the_page_of_measures_draws_them_and_gives_csv(ask, deps, open_incident):
    now = datetime.now(UTC)
    resolved = {"started_at": now, "opened_at": now, "ended_at": now, "service": "<b>shop"}
    await open_incident(deps.db, **resolved)
    await open_incident(deps.db, severity=Severity.P3, incident_type="errors", started_at=now, opened_at=now)

    async with ask() as client:
        page = (await client.get("/stats?days=90&type=availability")).text
        csv = (await client.get("/stats?days=x&format=csv")).text
        whole = (await client.get("/stats")).text
        empty = (await client.get("/stats?severity=P9")).text
        figures = (await client.get("/metrics")).text

    assert page.count("<svg") == 6
    assert "<h1>1 incident in 90 days (type availability)</h1>" in page
    assert "<b>" not in page
    assert '<td class="n">0 s (1)</td>' in page
    assert 'aria-label="Median time to resolve by severity. P1: 0 s (n 1)"' in whole
    assert csv.startswith("group,name,measure,")
    assert "<h1>0 incidents in 30 days (severity P9)</h1>" in empty
    assert 'copilot_incident_phase_seconds{phase="resolve",severity="all",statistic="median"} 0.0' in figures
