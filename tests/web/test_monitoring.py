"""What AI systems tell of themselves: taken once, redacted before it is kept, and named where it cannot be used."""

import json
from datetime import timedelta

import pytest

from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import dead_letters
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.plugins.alert_sources import ai_system
from incident_copilot.plugins.evaluators import answer, injection, personal_data
from incident_copilot.ports import PluginEnv
from incident_copilot.store import deliveries, interactions, observations

from .conftest import SECRET
from .test_webhooks import send

HERE = "/monitoring/bot"
ASKED = {
    "id": "req-1",
    "request": "Where is it? I am ben.fisher@example.org",
    "response": "Ask cara@example.net, ben.fisher@example.org.",
    "user": "ben.fisher@example.org",
    "labels": {"version": "7"},
    "latency_ms": 100,
    "feedback": "down",
}


@pytest.fixture
def deps(deps):
    env = PluginEnv(http=None, now=deps.now)
    found = {
        one.__name__.rpartition(".")[2]: one.create(env, one.Options()) for one in (answer, injection, personal_data)
    }
    return type(deps)(**{**vars(deps), "evaluators": found})


@pytest.fixture
def sources(sources, deps):
    env = PluginEnv(http=None, now=deps.now, secret=SECRET, instance="bot")
    return sources | {"bot": ai_system.create(env, ai_system.Options())}


async def observed(deps, system="bot"):
    """Return the figures that are kept, by metric."""
    now = deps.now()
    async with deps.db.read() as db:
        found = await observations.between(db, "w", system, now - timedelta(days=1), now)
    return {one.figure.metric: one.figure for one in found}


async def kept(deps):
    """Return the interactions that are kept."""
    now = deps.now()
    async with deps.db.read() as db:
        return await interactions.between(db, "w", "bot", now - timedelta(days=1), now)


async def score(deps):
    """Do the work that is due of this kind."""
    work = {"score_interactions": handlers(deps)["score_interactions"]}
    return await Worker(deps.db, work, deps.now, classes={"score_interactions": "scoring"}).run_due()


async def test_snapshot_is_kept_once_and_what_is_wrong_in_it_is_named(ask, deps):
    told = {"id": "s1", "quality_metrics": {"accuracy": {"value": 0.9, "total": 100}, "f1": "0.8"}}
    async with ask() as client:
        first = await send(client, told, to=HERE)
        again = await send(client, told, to=HERE)

    figures = await observed(deps)
    fix = "quality_metrics.f1 is a text; send a number without quotation marks"
    assert first == again == (200, {"alerts": 0, "changed": 0, "figures": 2, "left_out": [fix]})
    assert (figures["quality.accuracy"].value, figures["data.out_of_range.snapshot"].successes) == (0.9, 1)
    assert set(figures) == {"quality.accuracy", "data.out_of_range.snapshot"}


async def test_interactions_are_redacted_scored_and_counted_once(ask, deps):
    async with ask() as client:
        first = await send(client, {"id": "b1", "interactions": [ASKED]}, to=f"{HERE}/interactions")
        async with deps.db.read() as db:
            waiting = await deliveries.body_of(db, "w", "bot", "id:b1")
        scored = await score(deps)
        await send(client, {"id": "b2", "interactions": [ASKED, ASKED | {"id": "req-2", "response": ""}]}, to=HERE)
        scored += await score(deps)

    figures = await observed(deps)
    found = {one.id: one for one in await kept(deps)}
    assert (first, scored) == ((200, {"alerts": 0, "changed": 0, "interactions": 1}), 2)
    assert ("example" in waiting, "[email-1]" in waiting) == (False, True)
    assert (found["req-1"].response, found["req-1"].user[:2]) == ("Ask [email-2], [email-1].", "u-")
    assert [one.name for one in found["req-1"].signals] == ["pii.email", ""]
    assert (found["req-1"].alerts, found["req-1"].score, found["req-2"].scores["answer"]) == (True, 0.0, 0.0)
    # The figures of the second batch are of its new interaction alone; here are those that were told last.
    assert (figures["safety.pii"].successes, figures["safety.pii"].n) == (0, 1)
    async with deps.db.read() as db:
        assert await deliveries.body_of(db, "w", "bot", "id:b2") == ""


async def test_what_was_scored_before_counts_no_more_and_what_is_fine_alerts_nobody(ask, deps):
    fine = {"id": "req-1", "request": "Hi", "response": "Hello, how are you today?"}
    async with ask() as client:
        for key in ("b1", "b2"):
            await send(client, {"id": key, "interactions": [fine]}, to=HERE)
            await score(deps)

    assert ([one.signals for one in await kept(deps)], (await observed(deps))["performance.requests"].value) == (
        [()],
        1,
    )


async def test_what_is_not_understood_is_kept_without_people(ask, deps):
    async with ask() as client:
        refused = await send(client, {"interactions": [{"text": "I am ben.fisher@example.org"}]}, to=HERE)

    [letter], _ = await dead_letters.waiting(deps, 10)
    whole = await dead_letters.get(deps, letter.id)
    assert refused[0] == 400
    assert refused[1]["error"].startswith("bot: interactions[0].text is not known here")
    assert json.loads(whole.body) == {"interactions": [{"text": "I am [email-1]"}]}


async def test_dead_letter_of_a_system_is_taken_in_without_people(ask, deps, sources):
    body = json.dumps({"interactions": [ASKED]}).encode()
    await dead_letters.keep(deps, "bot", "unknown once", {}, body)
    [letter], _ = await dead_letters.waiting(deps, 10)

    said = await dead_letters.replay(deps, sources["bot"], await dead_letters.get(deps, letter.id))
    await score(deps)

    assert said == "replayed: 1 interactions"
    assert [one.request for one in await kept(deps)] == ["Where is it? I am [email-1]"]


@pytest.mark.parametrize(
    ("to", "secret", "status"), [("/monitoring/prod", SECRET, 404), ("/monitoring/none", SECRET, 404), (HERE, "x", 401)]
)
async def test_only_systems_that_show_their_secret_are_heard(ask, to, secret, status):
    async with ask() as client:
        assert (await send(client, {"id": "s"}, secret=secret, to=to))[0] == status


async def test_body_over_a_megabyte_is_refused(ask):
    async with ask() as client:
        assert (await send(client, b"{" + b" " * 1_048_576, to=HERE))[0] == 413
