"""GitLab's webhooks become changes."""

import pytest

from incident_copilot.domain.change import ChangeKind, ChangeStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import gitlab

from .bodies import NOW, SECRET, at, changed, parse, source

SHA = "279484c09fbe69ededfced8c1bb6e6d24616b468"
HOME = "https://gitlab.example/acme/shop/checkout"
PROJECT = {
    "id": 30,
    "name": "Checkout Service",
    "web_url": HOME,
    "path_with_namespace": "acme/shop/checkout",
    "default_branch": "main",
}
PUSH = {
    "object_kind": "push",
    "ref": "refs/heads/main",
    "after": SHA,
    "user_username": "ada",
    "project_id": 30,
    "project": PROJECT,
    "commits": [{"message": "Older"}, {"message": "Round totals\n\nAll."}],
}
MERGE = {
    "object_kind": "merge_request",
    "user": {"username": "ada"},
    "project": PROJECT,
    "object_attributes": {
        "id": 99,
        "title": "Round totals",
        "action": "merge",
        "target_branch": "main",
        "merge_commit_sha": SHA,
        "url": f"{HOME}/-/merge_requests/1",
        "updated_at": "2026-11-21 09:00:00 UTC",
    },
}


def pipeline(status, **fields):
    return {
        "object_kind": "pipeline",
        "user": {"username": "ada"},
        "project": PROJECT,
        "object_attributes": {
            "id": 31,
            "ref": "main",
            "sha": SHA,
            "status": status,
            "created_at": "2026-11-21 08:50:00 UTC",
            "finished_at": None,
            **fields,
        },
    }


def told(change):
    return change.kind, change.status, change.title, change.service, change.version, change.by


def test_deployment_is_a_change_under_the_id_of_the_event(fixture):
    delivery = parse(gitlab, fixture("gitlab"), {"x-gitlab-event-uuid": "u-1"})
    (change,) = delivery.changes

    assert told(change) == (
        ChangeKind.DEPLOYMENT,
        ChangeStatus.SUCCEEDED,
        "deploy main to production",
        "checkout",
        SHA,
        "ada",
    )
    assert (change.environment, change.at, change.link) == ("production", at(9, 2), f"{HOME}/-/jobs/796")
    assert delivery.delivery_id == "u-1"


@pytest.mark.parametrize(
    ("status", "far"),
    [("running", ChangeStatus.STARTED), ("failed", ChangeStatus.FAILED), ("canceled", ChangeStatus.CANCELLED)],
)
def test_deployment_is_as_far_as_its_status_says(fixture, status, far):
    change = changed(gitlab, fixture("gitlab") | {"status": status})

    assert (change.status, change.key) == (far, changed(gitlab, fixture("gitlab")).key)


def test_pipeline_is_a_change():
    started = changed(gitlab, pipeline("running"))
    failed = changed(gitlab, pipeline("failed", finished_at="2026-11-21 09:00:00 UTC", name="Release", url=HOME))

    assert told(started) == (ChangeKind.RUN, ChangeStatus.STARTED, "pipeline on main", "checkout", SHA, "ada")
    assert (started.at, started.link) == (at(8, 50), f"{HOME}/-/pipelines/31")
    assert (failed.status, failed.title, failed.at, failed.link) == (ChangeStatus.FAILED, "Release", at(9), HOME)
    assert failed.key == started.key


def test_job_is_a_change():
    job = {
        "object_kind": "build",
        "build_id": 7,
        "build_stage": "deploy",
        "build_name": "prod",
        "build_status": "success",
        "build_created_at": "2026-11-21 08:00:00 UTC",
        "build_finished_at": "2026-11-21 09:00:00 UTC",
        "sha": SHA,
        "environment": {"name": "production"},
        "user": {"name": "Ada"},
        "repository": {"name": "checkout", "homepage": HOME},
    }

    change = changed(gitlab, job)

    assert told(change) == (ChangeKind.RUN, ChangeStatus.SUCCEEDED, "deploy: prod", "checkout", SHA, "Ada")
    assert (change.environment, change.at, change.link) == ("production", at(9), f"{HOME}/-/jobs/7")


def test_merge_and_its_push_are_one_change():
    pushed, merged = changed(gitlab, PUSH), changed(gitlab, MERGE)

    assert told(pushed) == (ChangeKind.MERGE, ChangeStatus.SUCCEEDED, "Round totals", "checkout", SHA, "ada")
    assert told(merged) == (ChangeKind.MERGE, ChangeStatus.SUCCEEDED, "Round totals", "checkout", SHA, "ada")
    assert (pushed.key, pushed.at, merged.at) == (merged.key, NOW, at(9))


def test_push_without_commits_is_a_change():
    change = changed(gitlab, PUSH | {"commits": [], "project": {"default_branch": "main", "name": "Shop"}})

    assert (change.title, change.service, change.link) == ("push to refs/heads/main", "Shop", None)


def test_release_and_its_tag_are_one_change():
    tag = changed(gitlab, PUSH | {"object_kind": "tag_push", "ref": "refs/tags/v4"})
    release = changed(
        gitlab,
        {
            "object_kind": "release",
            "action": "create",
            "tag": "v4",
            "name": "Four",
            "url": f"{HOME}/-/releases/v4",
            "released_at": "2026-11-21 09:00:00 UTC",
            "project": PROJECT,
        },
    )

    assert told(tag) == (ChangeKind.RELEASE, ChangeStatus.SUCCEEDED, "tag v4", "checkout", "v4", "ada")
    assert told(release) == (ChangeKind.RELEASE, ChangeStatus.SUCCEEDED, "release Four", "checkout", "v4", None)
    assert (tag.key, release.at, tag.link) == (release.key, at(9), f"{HOME}/-/tags/v4")


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (PUSH | {"ref": "refs/heads/feature"}, "push to another branch"),
        (PUSH | {"after": "0" * 40}, "push to another branch"),
        (PUSH | {"object_kind": "tag_push", "ref": "refs/tags/v4", "after": "0" * 40}, "tag push that deletes"),
        (MERGE | {"object_attributes": {"action": "open"}}, "merge_request.open"),
        (
            MERGE | {"object_attributes": MERGE["object_attributes"] | {"target_branch": "x"}},
            "merge into another branch",
        ),
        ({"object_kind": "release", "action": "update"}, "release.update"),
        ({"object_kind": "note"}, "note"),
        ({"event_name": "repository_update"}, "repository_update"),
    ],
)
def test_event_that_changes_nothing_in_production_is_ignored(body, event):
    assert parse(gitlab, body).ignored == event


def test_first_bodies_do_not_name_the_event():
    assert changed(gitlab, {"ref": "refs/tags/v1", "after": SHA}).title == "tag v1"
    assert parse(gitlab, {"ref": "refs/heads/x", "after": SHA}).ignored == "push to another branch"


def test_event_that_nobody_knows_is_named():
    assert parse(gitlab, {"object_kind": "party"}).unknown == "party"
    assert parse(gitlab, {}).unknown == "an event without object_kind"


def test_status_that_gitlab_does_not_have_is_refused():
    with pytest.raises(BadPayload, match=r"^src: object_attributes\.status is dancing"):
        parse(gitlab, pipeline("dancing"))


def test_secret_comes_in_a_header():
    source(gitlab).authenticate({"x-gitlab-token": SECRET}, b"")
    with pytest.raises(Unauthenticated):
        source(gitlab).authenticate({"x-gitlab-token": "wrong"}, b"")
