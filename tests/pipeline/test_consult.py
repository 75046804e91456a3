"""`context test` and `context check`: what a source says, with nothing stored."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.incident import Ending
from incident_copilot.errors import UnknownThing, VendorRefused
from incident_copilot.pipeline import consult
from incident_copilot.pipeline.deps import Policy
from incident_copilot.pipeline.ending import end
from incident_copilot.store import incidents
from incident_copilot.store.tables import evidence as stored_evidence

from .life import Life, big
from .samples import evidence
from .test_gather_context import Source


class Checked(Source):
    """A source whose check ends as it is told."""

    async def check(self):
        await self.gather(None)


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_source_is_asked_about_an_incident_and_nothing_is_stored(life):
    await life.opened(big())
    question = await consult.question_for(life.deps, 1)
    held = evidence(title="found", link="https://grafana.example/x", query="up")

    lines = await consult.consult(life.deps, Source("Loki", [held]), question)

    assert lines[:5] == [
        "Loki, asked about INC-1; services checkout, payments; 2026-11-21 11:00 to 12:00 UTC",
        "metric: found",
        f"    {held.summary}",
        "    query: up",
        "    link: https://grafana.example/x",
    ]
    assert lines[5].startswith("1 found, 0 gaps, in 0.")
    async with life.deps.db.read() as view:
        kept = await view.execute(sa.select(stored_evidence.c.source).where(stored_evidence.c.source == "Loki"))
    assert list(kept) == []


async def test_gap_and_lateness_are_said(life):
    await life.opened(big())
    hurried = replace(life.deps, policy=Policy(brief_deadline=timedelta(0), context_deadline=timedelta(0)))

    lines = await consult.consult(hurried, Source("Loki", is_slow=True), await consult.question_for(hurried, 1))

    assert lines[1] == "gap: no answer in 0 s"
    assert lines[2].endswith("s, after the brief's deadline")


async def test_incident_that_ended_is_asked_about_until_its_end(life, clock):
    opened = await life.opened(big())
    ended_at = clock()
    async with life.deps.db.transaction() as tx:
        locked = await incidents.lock(tx, opened.id)
        await end(tx, life.deps, locked, actor="policy:quiet", ending=Ending.FALSE_ALARM, note="")
    clock.forward(100_000)

    assert (await consult.question_for(life.deps, 1)).until == ended_at


async def test_incident_that_is_not_there_is_named(life):
    with pytest.raises(UnknownThing, match="there is no INC-7"):
        await consult.question_for(life.deps, 7)


async def test_without_an_incident_the_newest_alert_is_asked_about(life, clock):
    await life.opened(big())
    clock.forward(60)
    await life.take(big("SlowCheckout", service="search"))

    question = await consult.question_for(life.deps, None)

    assert (question.incident.title, question.services) == ("SlowCheckout", ("search",))
    assert (await consult.consult(life.deps, Source("Loki"), question))[0].startswith(
        "Loki, asked about SlowCheckout; services search; "
    )


async def test_without_any_alert_the_first_service_of_the_catalogue_is_asked_about(life):
    catalogued = replace(life.deps, catalog=Catalog(services=(Service(name="ledger"),)))

    assert (await consult.question_for(catalogued, None)).services == ("ledger",)


async def test_each_source_is_checked():
    refused = VendorRefused("GitHub: HTTP 401 for GET https://api.github.com/rate_limit", 401)

    found = await consult.check(
        {"loki": Checked("Loki"), "github": Checked("GitHub", error=refused), "tempo": Checked("Tempo", is_slow=True)},
        within=timedelta(seconds=0.01),
    )

    reached = "see whether its url is right, and can be reached from here"
    assert found == [
        ("loki", None),
        ("github", f"{refused}; see whether its secret is right (secret_env), and what that may read"),
        ("tempo", f"Tempo: no answer in 0.01 s; {reached}"),
    ]
