"""People put right what was grouped wrongly, and mute what they know of: by webhook, command and form alone."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.pairing import mark_of
from whole import copilot, running, settings_for, workspace

INHIBIT = """
correlation:
  inhibit:
    - {name: cluster, source: {alertname: ClusterDown}, target: {alertname: "KubePod*"}, equal: [cluster]}
"""


def told(name, service="printer", severity="warning", status="firing", **labels):
    """One alert as Alertmanager tells it."""
    said = {"alertname": name, "service": service, "severity": severity, "cluster": "eu-1", **labels}
    started = datetime.now(UTC) - timedelta(seconds=5)
    ends = {"endsAt": datetime.now(UTC).isoformat()} if status == "resolved" else {}
    annotations = {"summary": f"{name} on {service}"}
    return {"status": status, "labels": said, "annotations": annotations, "startsAt": started.isoformat(), **ends}


async def send(whole, *alerts):
    answer = await whole.post({"version": "4", "status": "firing", "alerts": list(alerts)})
    assert answer.status_code == 200


async def says(whole, text, place="#incidents"):
    """What Ben is told right away when he types a command."""
    ben = whole.sandbox.person("ben")
    before = len(ben.ephemerals(place))
    await ben.command("/incident", text, channel=place)
    return [message.text for message in ben.ephemerals(place)[before:]]


async def test_people_split_merge_and_mute_from_slack(tmp_path):
    async with copilot(tmp_path) as whole:
        await send(whole, told("PrinterSlow"))
        await whole.sees("#incidents", "INC-1")
        await send(whole, told("DiskFull"))
        await whole.sees("#incidents", "2 firing")

        assert await says(whole, "split INC-1") == []
        form = await whole.form(whole.sandbox.person("ben"))
        await whole.sandbox.person("ben").submit(form, {"alerts": [mark_of("DiskFull on printer")]})
        await whole.sees("#incidents", "Split from INC-1")
        await whole.sees("#incidents", "INC-2 was split from it")

        assert await says(whole, "INC-2 merge INC-1") == ["INC-2 is part of INC-1 now."]
        await whole.sees("#incidents", "Merged into INC-1")
        await whole.sees("#incidents", "INC-2 was merged into it")

        [said] = await says(whole, "mute search 1h reindex")
        assert said.startswith("Muted service=search")
        await send(whole, told("SearchSlow", service="search"))
        await whole.still()
        assert whole.told("#incidents", "SearchSlow") == []
        assert "(1 alert muted)" in (await says(whole, "mutes"))[0]
        await says(whole, "unmute 1")
        await whole.sees("#incidents", "SearchSlow on search")


async def test_cluster_that_is_down_speaks_for_its_pods(tmp_path):
    async with workspace(tmp_path) as whole:
        with (tmp_path / "catalog.yaml").open("a") as catalog:
            catalog.write(INHIBIT)
        async with running(whole, settings_for(whole)):
            await tell_of_a_cluster(whole)


async def tell_of_a_cluster(whole):
    pods = [told("KubePodNotReady", pod_name=f"p{number}") for number in range(12)]
    await send(whole, *pods, told("ClusterDown", service="kubernetes"))

    await whole.sees("#incidents", "12 alerts muted by ClusterDown")
    await send(whole, told("ClusterDown", service="kubernetes", status="resolved"))

    await whole.sees("#incidents", "KubePodNotReady on printer")


async def test_alert_is_silenced_where_it_comes_from_by_one_approved_click(tmp_path):
    async with copilot(tmp_path) as whole:
        await whole.fire()
        place = await whole.channel()
        ben = whole.sandbox.person("ben")
        await ben.join(place)

        # Who joins is caught up, which may be told just before.
        assert "It is put to approvers in INC-1." in await says(whole, "silence 1h deploy is rolled back", place)
        put = await whole.sees(place, "Silence alertname=HighErrorRate")
        assert whole.world.silences == []
        await ben.click(put, "approve")

        await whole.sees(place, "Silenced alertname=")
        [made] = whole.world.silences
        wanted = {"alertname": "HighErrorRate", "service": "checkout", "severity": "critical", "team": "payments"}
        wanted |= {"cluster": "eu-1", "env": "production"}
        assert {one.name: one.value for one in made.matchers} == wanted
        assert made.comment.startswith("INC-1: deploy is rolled back [")
