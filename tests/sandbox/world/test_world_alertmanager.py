"""The world's Alertmanager: silences are made, listed, ended, and hold its webhooks back."""

BODY = {
    "matchers": [{"name": "alertname", "value": "High.*", "isRegex": True}],
    "startsAt": "2026-11-21T08:00:00Z",
    "endsAt": "2026-11-21T10:00:00Z",
    "createdBy": "rosa",
    "comment": "deploy",
}
SILENCES = "/alertmanager/api/v2/silences"


def states(listed):
    return [one["status"]["state"] for one in listed.json()]


async def test_silence_is_made_listed_and_ended(bad_deploy):
    made = (await bad_deploy.client.post(SILENCES, json=BODY)).json()["silenceID"]
    late = {**BODY, "startsAt": "2026-11-21T09:30:00Z"}
    await bad_deploy.client.post(SILENCES, json=late)
    one = f"/alertmanager/api/v2/silence/{made}"

    before = await bad_deploy.get(SILENCES)
    shown = (await bad_deploy.get(one)).json()
    ended = await bad_deploy.client.delete(one)

    assert states(before) == ["pending", "active"]
    assert (shown["matchers"][0]["isEqual"], shown["startsAt"]) == (True, "2026-11-21T09:00:30Z")
    assert ended.status_code == 200
    assert states(await bad_deploy.get(SILENCES)) == ["pending", "expired"]
    assert [one.created_by for one in bad_deploy.world.silences] == ["rosa", "rosa"]


async def test_what_is_not_known_or_wrong_is_refused(bad_deploy):
    assert (await bad_deploy.get("/alertmanager/api/v2/silence/x")).status_code == 404
    assert (await bad_deploy.client.delete("/alertmanager/api/v2/silence/x")).status_code == 404
    refused = await bad_deploy.client.post(SILENCES, json={**BODY, "matchers": []})
    assert (refused.status_code, refused.json().split(":")[0]) == (400, "matchers")


async def test_what_is_silenced_is_sent_when_the_silence_ends(bad_deploy):
    made = (await bad_deploy.client.post(SILENCES, json=BODY)).json()["silenceID"]

    held = [hook.body["alerts"][0]["labels"]["alertname"] for hook in bad_deploy.world.take_webhooks()]
    await bad_deploy.client.delete(f"/alertmanager/api/v2/silence/{made}")
    sent = [hook.body["alerts"][0]["labels"]["alertname"] for hook in bad_deploy.world.take_webhooks()]

    assert (held, sent) == (["PaymentsLatencyHigh"], ["HighErrorRate"])
