"""GitHub's webhooks become changes."""

import hashlib
import hmac

import pytest

from incident_copilot.domain.change import ChangeKind, ChangeStatus
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import github

from .bodies import SECRET, at, changed, parse, source

SHA = "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"
REPOSITORY = {
    "name": "checkout",
    "full_name": "acme/checkout",
    "html_url": "https://github.example/acme/checkout",
    "default_branch": "main",
}
PUSH = {
    "ref": "refs/heads/main",
    "after": SHA,
    "deleted": False,
    "compare": "https://github.example/acme/checkout/compare/1...2",
    "commits": [],
    "head_commit": {"id": SHA, "message": "Round totals\n\nAll of them.", "timestamp": "2026-11-21T10:00:00+01:00"},
    "pusher": {"name": "ada"},
    "repository": REPOSITORY,
}
PULL = {
    "action": "closed",
    "pull_request": {
        "id": 5,
        "title": "Round totals (#5)",
        "merged": True,
        "merged_at": "2026-11-21T09:00:00Z",
        "merge_commit_sha": SHA,
        "merged_by": {"login": "ada"},
        "html_url": "https://github.example/acme/checkout/pull/5",
        "base": {"ref": "main", "repo": {"default_branch": "main"}},
    },
    "repository": REPOSITORY,
}
RELEASE = {
    "action": "published",
    "release": {
        "tag_name": "v4",
        "name": "Four",
        "html_url": "https://github.example/acme/checkout/releases/tag/v4",
        "published_at": "2026-11-21T09:00:00Z",
        "author": {"login": "ada"},
    },
    "repository": REPOSITORY,
}


def run(action, **fields):
    return {
        "action": action,
        "workflow_run": {
            "id": 9,
            "name": "CI",
            "head_sha": SHA,
            "html_url": "https://github.example/acme/checkout/actions/runs/9",
            "conclusion": None,
            "updated_at": "2026-11-21T09:00:00Z",
            "actor": {"login": "ada"},
            **fields,
        },
        "workflow": {"name": "CI"},
        "repository": REPOSITORY,
    }


def told(change):
    return change.kind, change.status, change.title, change.service, change.version, change.by


def test_deployment_status_is_a_change_under_the_id_of_the_delivery(fixture):
    headers = {"x-github-event": "deployment_status", "x-github-delivery": "d-1"}
    delivery = parse(github, fixture("github"), headers)
    (change,) = delivery.changes

    assert told(change) == (
        ChangeKind.DEPLOYMENT,
        ChangeStatus.SUCCEEDED,
        "deploy main to production",
        "checkout",
        SHA,
        "ada",
    )
    assert (change.environment, change.at) == ("production", at(9, 2, 1))
    assert change.link == "https://github.example/acme/checkout/actions/runs/5"
    assert delivery.delivery_id == "d-1"


def test_deployment_begins_the_same_change(fixture):
    sent = {name: value for name, value in fixture("github").items() if name != "deployment_status"}

    change = changed(github, sent)

    assert (change.status, change.at) == (ChangeStatus.STARTED, at(8, 58))
    assert change.key == changed(github, fixture("github")).key
    assert change.link == f"https://github.example/acme/checkout/commit/{SHA}"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("pending", ChangeStatus.STARTED),
        ("in_progress", ChangeStatus.STARTED),
        ("failure", ChangeStatus.FAILED),
        ("error", ChangeStatus.FAILED),
    ],
)
def test_deployment_is_as_far_as_its_status_says(fixture, state, status):
    sent = fixture("github")
    sent["deployment_status"]["state"] = state

    assert changed(github, sent).status == status


def test_deployment_that_was_replaced_says_nothing(fixture):
    sent = fixture("github")
    sent["deployment_status"]["state"] = "inactive"

    assert parse(github, sent).ignored == "deployment_status.inactive"


def test_deployment_with_little_is_a_change():
    change = changed(github, {"deployment": {"id": 1}, "repository": None})

    assert (change.title, change.service, change.link) == ("deploy  to nowhere in particular", None, None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (run("requested"), ChangeStatus.STARTED),
        (run("in_progress", conclusion="success"), ChangeStatus.STARTED),
        (run("completed"), ChangeStatus.STARTED),
        (run("completed", conclusion="success"), ChangeStatus.SUCCEEDED),
        (run("completed", conclusion="failure"), ChangeStatus.FAILED),
        (run("completed", conclusion="timed_out"), ChangeStatus.FAILED),
        (run("completed", conclusion="cancelled"), ChangeStatus.CANCELLED),
    ],
)
def test_workflow_run_is_a_change_as_far_as_it_is(body, status):
    assert told(changed(github, body)) == (ChangeKind.RUN, status, "CI", "checkout", SHA, "ada")


def test_merge_and_its_push_are_one_change():
    pushed, merged = changed(github, PUSH), changed(github, PULL)

    assert told(pushed) == (ChangeKind.MERGE, ChangeStatus.SUCCEEDED, "Round totals", "checkout", SHA, "ada")
    assert told(merged) == (ChangeKind.MERGE, ChangeStatus.SUCCEEDED, "Round totals (#5)", "checkout", SHA, "ada")
    assert (pushed.key, pushed.at) == (merged.key, merged.at)


def test_push_without_a_message_is_a_change():
    assert changed(github, PUSH | {"head_commit": None}).title == "push to refs/heads/main"


def test_release_and_its_tag_are_one_change():
    tag = changed(github, PUSH | {"ref": "refs/tags/v4"})
    release = changed(github, RELEASE)
    prerelease = changed(github, RELEASE | {"action": "prereleased"})

    assert told(tag) == (ChangeKind.RELEASE, ChangeStatus.SUCCEEDED, "tag v4", "checkout", "v4", "ada")
    assert told(release) == (ChangeKind.RELEASE, ChangeStatus.SUCCEEDED, "release Four", "checkout", "v4", "ada")
    assert {tag.key, release.key, prerelease.key} == {tag.key}


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (PUSH | {"ref": "refs/heads/feature"}, "push to another branch"),
        (PUSH | {"deleted": True, "after": "0" * 40}, "push to another branch"),
        (PUSH | {"deleted": True, "ref": "refs/tags/v4"}, "push that deletes"),
        (PULL | {"action": "opened"}, "pull_request.opened"),
        (PULL | {"pull_request": {"merged": False}}, "pull_request.closed"),
        (
            PULL | {"pull_request": PULL["pull_request"] | {"base": {"ref": "x", "repo": {"default_branch": "y"}}}},
            "merge into another branch",
        ),
        (RELEASE | {"action": "edited"}, "release.edited"),
    ],
)
def test_event_that_changes_nothing_in_production_is_ignored(body, event):
    assert parse(github, body).ignored == event


@pytest.mark.parametrize("event", ["ping", "check_run", "issues", "star", "workflow_job", "dependabot_alert"])
def test_other_event_of_github_is_ignored_by_name(event):
    assert parse(github, {}, {"x-github-event": event}).ignored == event


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"zen": "Keep it logically awesome."}, "ping"),
        ({"workflow_job": {}, "deployment": {}}, "workflow_job"),
        ({"check_suite": {}}, "check_suite"),
        ({"context": "ci", "sha": SHA}, "status"),
        ({"pull_request": {}, "review": {}}, "pull_request_review"),
        ({"issue": {}, "comment": {}, "label": {}}, "issue_comment"),
        ({"ref": "x", "ref_type": "tag"}, "delete"),
        ({"alert": {"secret_type": "x"}}, "secret_scanning_alert"),
        ({"alert": {"security_advisory": {}}}, "dependabot_alert"),
        ({"alert": {"rule": {}}}, "code_scanning_alert"),
        ({"alert": {"affected_package_name": "x"}}, "repository_vulnerability_alert"),
    ],
)
def test_event_is_known_by_its_fields_where_the_header_is_missing(body, event):
    assert parse(github, body).ignored == event


def test_event_that_nobody_knows_is_named():
    assert parse(github, {}, {"x-github-event": "party"}).unknown == "party"
    assert parse(github, {}).unknown == "an event without X-GitHub-Event"


def test_state_that_github_does_not_have_is_refused(fixture):
    sent = fixture("github")
    sent["deployment_status"]["state"] = "dancing"

    with pytest.raises(BadPayload, match=r"^src: deployment_status\.state is dancing"):
        parse(github, sent)


def test_signature_is_checked():
    signature = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()

    source(github).authenticate({"x-hub-signature-256": f"sha256={signature}"}, b"{}")
    with pytest.raises(Unauthenticated):
        source(github).authenticate({"x-hub-signature-256": f"sha256={signature}"}, b"{ }")
