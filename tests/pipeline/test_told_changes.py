"""Changes that webhooks told of become evidence beside what context sources found."""

from dataclasses import replace
from datetime import timedelta

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.domain.evidence import ContextBundle, EvidenceKind
from incident_copilot.pipeline.gather_context import question_about
from incident_copilot.pipeline.investigate import investigate
from incident_copilot.pipeline.investigating.told import change_evidence, told_changes
from incident_copilot.store import changes
from incident_copilot.store import evidence as kept_evidence

from .samples import NOON, alert, evidence, incident
from .samples import change as found_change
from .test_investigate import POOL_LIMIT, bad_deploy, log, storm

SHA, OLD = "3f2c1d0" + "a" * 33, "9e8d7c6" + "b" * 33


def told(key, service="payments", minutes_before=4, **fields):
    values = {
        "source": "github",
        "key": key,
        "kind": ChangeKind.DEPLOYMENT,
        "status": ChangeStatus.SUCCEEDED,
        "title": "deploy main to production",
        "service": service,
        "version": SHA,
        "by": "tomas",
        "at": NOON - timedelta(minutes=minutes_before),
    }
    return Change.model_validate(values | fields)


def catalogued(deps):
    services = (
        Service(name="checkout", depends_on=("payments",)),
        Service(name="payments", repo="acme/payments-api"),
        Service(name="ledger", repo="acme/mono"),
        Service(name="billing", repo="acme/mono"),
    )
    return replace(deps, catalog=Catalog(services=services))


async def kept(deps, *given):
    question = question_about(deps, incident(), [alert()])
    async with deps.db.transaction() as tx:
        await changes.record_all(tx, deps.workspace_id, given)
        return question, await told_changes(tx, deps, question)


async def test_repository_becomes_its_one_service_of_the_catalogue(deps):
    _, placed = await kept(
        catalogued(deps),
        told("a", "payments-api", 1),
        told("b", "payments", 2),
        told("c", "mono", 3),
        told("d", "unknown", 4),
    )

    assert [(one.key, one.service) for one in placed] == [
        ("a", "payments"),
        ("b", "payments"),
        ("c", "mono"),
        ("d", "unknown"),
    ]


async def test_what_cannot_have_changed_production_is_left_out(deps):
    _, placed = await kept(
        catalogued(deps),
        told("cancelled", status=ChangeStatus.CANCELLED),
        told("nowhere", service=None),
        told("tests", kind=ChangeKind.RUN, title="unit tests"),
        told("staging", environment="staging"),
        told("days ago", minutes_before=60 * 50),
        told("failed", status=ChangeStatus.FAILED),
        told("rollout", kind=ChangeKind.RUN, title="terraform apply", minutes_before=5),
    )

    assert [one.key for one in placed] == ["failed", "rollout"]


async def test_change_of_the_same_test_environment_counts(deps):
    question = question_about(deps, incident(environment="staging"), [alert()])
    async with deps.db.transaction() as tx:
        await changes.record_all(tx, deps.workspace_id, [told("staging", environment="staging")])
        placed = await told_changes(tx, deps, question)

    assert [one.key for one in placed] == ["staging"]


async def test_merge_and_deployment_of_one_commit_are_one_change(deps):
    question, placed = await kept(
        catalogued(deps),
        told("merge", kind=ChangeKind.MERGE, title="Shrink the connection pool", minutes_before=9),
        told("deployment", link="https://github.example/d/7"),
        told("before", version=OLD, minutes_before=60),
    )

    first, second = change_evidence(deps, question, placed, [])

    assert (first.source, first.title, first.link) == (
        "github",
        "deploy main to production",
        "https://github.example/d/7",
    )
    assert first.summary == "Deploy of payments by tomas at 11:56:00 UTC on 21 November: Shrink the connection pool"
    assert first.data == {
        "service": "payments",
        "at": (NOON - timedelta(minutes=4)).timestamp(),
        "version": "3f2c1d0",
        "previous": "9e8d7c6",
        "author": "tomas",
        "diff": "Shrink the connection pool",
        "kind": "deploy",
        "ref": SHA,
    }
    assert second.data["previous"] is None


async def test_change_without_author_or_version_is_told_by_its_title(deps):
    question, placed = await kept(
        catalogued(deps),
        told(
            "x", kind=ChangeKind.CONFIGURATION, by=None, version=None, status=ChangeStatus.STARTED, title="Raise flags"
        ),
    )

    (item,) = change_evidence(deps, question, placed, [])

    assert (item.title, item.data["version"], item.data["kind"]) == ("Raise flags (started)", "", "configuration")
    assert item.summary == "Configuration of payments at 11:56:00 UTC on 21 November: Raise flags"


async def test_rollout_counts_from_its_beginning_and_not_from_when_it_waited_for_somebody(deps):
    began = told("rollout", status=ChangeStatus.STARTED, minutes_before=12)
    waited = told("approval", version=OLD, status=ChangeStatus.STARTED, minutes_before=300)
    question, placed = await kept(
        catalogued(deps), began, waited, told("rollout", minutes_before=3), told("approval", version=OLD)
    )

    items = change_evidence(deps, question, placed, [])

    assert [(item.data["ref"], (NOON.timestamp() - item.data["at"]) / 60) for item in items] == [(SHA, 12), (OLD, 4)]


async def test_what_a_source_found_already_is_not_told_twice(deps):
    question, placed = await kept(
        catalogued(deps),
        told("same commit", minutes_before=90),
        told("same moment", version="v9", minutes_before=3),
        told("merge then", kind=ChangeKind.MERGE, version="1234567", minutes_before=3),
        told("other service", "ledger"),
    )
    found = [evidence(), found_change(version="3f2c1d0", seconds_before=200)]

    new = change_evidence(deps, question, placed, found)

    assert [(item.data["service"], item.data["ref"]) for item in new] == [("payments", "1234567"), ("ledger", SHA)]


async def test_services_in_question_come_first_and_the_number_is_bounded(deps):
    far = [told(f"far {place}", f"far-{place}", minutes_before=1) for place in range(45)]
    question, placed = await kept(catalogued(deps), *far, told("near", minutes_before=30))

    items = change_evidence(deps, question, placed, [])

    assert (len(items), items[0].data["service"]) == (40, "payments")


async def test_change_told_by_webhook_is_kept_as_evidence_of_the_incident(story):
    alone = await story("no_change", log_share=0.05)
    shrunk = told("d", "checkout", title="Shrink the QueuePool limit", at=alone.clock() - timedelta(minutes=4))
    async with alone.deps.db.transaction() as tx:
        await changes.record_all(tx, alone.deps.workspace_id, [shrunk])

    opened = await alone.begin()

    async with alone.deps.db.read() as db:
        items = await kept_evidence.of_incident(db, opened.id)
    assert "Shrink the QueuePool limit" in {item.title for item in items if item.kind is EvidenceKind.CHANGE}


def test_without_a_source_of_changes_a_told_one_shows_that_changes_are_known(deps):
    alert_item, metric, _, _ = bad_deploy()
    told_item = found_change("search", "v1", seconds_before=9000)

    bundle = ContextBundle(evidence=(alert_item, metric, told_item, log(*storm(POOL_LIMIT))))
    found = investigate(catalogued(deps), incident(), [alert()], bundle)

    assert "no change explains this" in {one.cause for one in found.brief.hypotheses}
