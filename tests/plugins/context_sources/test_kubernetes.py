"""Kubernetes: rollouts with what they changed, and warnings."""

from dataclasses import replace

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.kubernetes import Options, create

API = "https://kubernetes.default.svc"
SETS = f"{API}/apis/apps/v1/namespaces/shop/replicasets"
EVENTS = f"{API}/api/v1/namespaces/shop/events"
AT = "2026-11-21T09:05:00Z"
NONE = {"kind": "List", "items": []}


def options(**more):
    return Options.model_validate({"url": API, "namespace": "shop"} | more)


def replica_set(revision, created, image, owner="mailer", **container):
    return {
        "metadata": {
            "name": f"{owner}-{revision}f",
            "creationTimestamp": created,
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "ownerReferences": [{"kind": "Deployment", "name": owner, "uid": "1", "apiVersion": "apps/v1"}]
            if owner
            else [],
        },
        "spec": {"template": {"spec": {"containers": [{"name": "app", "image": image} | container]}}},
    }


def event(name, reason, message, **more):
    about = {"kind": "Pod", "name": name, "namespace": "shop"}
    return {"involvedObject": about, "reason": reason, "message": message, "type": "Warning"} | more


async def test_rollout_is_told_with_what_it_changed(env, question, fixture, respx_mock):
    asked = respx_mock.get(SETS).respond(json=fixture("kubernetes_replicasets"))
    respx_mock.get(EVENTS).respond(json=NONE)

    (found,) = await create(env, options()).gather(question)

    assert asked.calls.last.request.url.params["labelSelector"] == "app.kubernetes.io/name=mailer"
    assert asked.calls.last.request.headers["authorization"] == "Bearer s3cret"
    assert found.kind is EvidenceKind.CHANGE
    assert found.summary == ("Rollout of mailer v2.1.0 at 09:01:00 UTC on 21 November: revision 10 of shop/mailer.")
    assert (found.data["version"], found.data["previous"], found.data["kind"]) == ("v2.1.0", "v2.0.9", "rollout")
    assert found.data["diff"] == (
        "+++ b/shop/mailer\n"
        "-app.image: registry.test/shop/mailer:v2.0.9\n"
        "+app.image: registry.test/shop/mailer:v2.1.0@sha256:0123\n"
        "-app.args: \n"
        "+app.args: --fast\n"
        "-app.env.POOL: 20\n"
        "+app.env.POOL: 4"
    )


async def test_first_version_and_sets_of_their_own_are_told_too(env, question, respx_mock):
    bare = replica_set("x", "2026-11-21T09:00:00Z", "mailer", owner="")
    bare["spec"] = {}
    bare["metadata"]["annotations"]["kubernetes.io/change-cause"] = "kubectl scale"
    respx_mock.get(SETS).respond(json=NONE | {"items": [bare]})
    respx_mock.get(EVENTS).respond(json=NONE)

    (found,) = await create(env, options()).gather(question)

    assert (found.title, found.data["diff"], found.data["repo"]) == ("Rollout of mailer unknown", "", "shop/-xf")
    assert found.summary.endswith(": kubectl scale.")


async def test_warnings_about_the_service_are_lines(env, question, respx_mock):
    items = [
        event(
            "mailer-10f-abc",
            "BackOff",
            "Back-off  restarting\ncontainer",
            count=12,
            lastTimestamp="2026-11-21T09:05:00Z",
        ),
        event("mailer", "FailedCreate", None, eventTime="2026-11-21T09:01:00.123456Z"),
        event(
            "mailer-10f-abc",
            "Unhealthy",
            "probe failed",
            series={"count": 3, "lastObservedTime": "2026-11-21T09:06:00.000000Z"},
        ),
        event("mailer-10f-abc", "Old", "x", lastTimestamp="2026-11-20T09:06:00Z"),
        event("mailer-10f-abc", "Timeless", "x"),
        event("mailers-1", "BackOff", "somebody else's", lastTimestamp="2026-11-21T09:05:00Z"),
    ]
    respx_mock.get(SETS).respond(json=NONE)
    asked = respx_mock.get(EVENTS).respond(json=NONE | {"items": items})

    (found,) = await create(env, options()).gather(question)

    assert asked.calls.last.request.url.params["fieldSelector"] == "type=Warning"
    assert (found.kind, found.title) == (EvidenceKind.LOG, "Kubernetes warnings about mailer")
    assert [text for _, text in found.data["lines"]] == [
        "Warning FailedCreate Pod/mailer:",
        "Warning BackOff Pod/mailer-10f-abc: Back-off restarting container (12 times)",
        "Warning Unhealthy Pod/mailer-10f-abc: probe failed (3 times)",
    ]
    assert found.summary == "3 warnings, the newest: Warning Unhealthy Pod/mailer-10f-abc: probe failed (3 times)"
    assert (found.data["since"], found.data["truncated"]) == (question.since.timestamp(), False)


async def test_token_of_the_pod_is_read_anew_each_time(env, respx_mock, tmp_path):
    file = tmp_path / "token"
    asked = respx_mock.get(f"{API}/api/v1/namespaces/check-ns/events").respond(json=NONE)
    source = create(replace(env, secret=None), options(token_file=file, namespace="{service}-ns"))
    for token in ("one", "two"):
        file.write_text(f"{token}\n")
        await source.check()

    assert [call.request.headers["authorization"] for call in asked.calls] == ["Bearer one", "Bearer two"]


async def test_without_a_token_it_says_what_to_do(env, tmp_path):
    source = create(replace(env, secret=None), options(token_file=tmp_path / "token"))

    with pytest.raises(VendorRefused, match="No such file or directory; set secret_env outside of a cluster"):
        await source.check()
