"""Updates by every kind of channel: drafted anew, told once each, corrected, over with the incident, withdrawn."""

import json
from email import message_from_string, policy
from functools import partial

import outlets_server
import statuspage_server
from incident_copilot.demo.story import shown
from incident_copilot.pipeline.comms.outlets import WITHDRAWN
from incident_copilot.store import action_log
from smtp_sink import sink
from whole import running, settings_for, workspace

CORRECTED = "Some payments at checkout fail. We are on it."
SLOWEST_S = 60
"""How long a busy machine may take until six channels have answered, some of them at the second try."""
EVERYWHERE = "Published in the chat, #general, Statuspage"
SECRETS = {"page": "k3y", "hook": outlets_server.SECRET, "github": "t0ken"}


def channels(page, others, mail_port):
    """One of each kind, all of them for customers."""

    def one(plugin, secret=None, **options):
        named = {"secret_env": f"COPILOT_TEST_{secret.upper()}"} if secret else {}
        return {"plugin": plugin, **named, "options": {"audience": "customers", **options}}

    components = {"components": {"checkout": ["mail", "shop"]}}
    SECRETS["mail"] = f"smtp://127.0.0.1:{mail_port}"
    return [
        one("slack", channel="general"),
        one("statuspage", "page", page=statuspage_server.PAGE, url=f"{page.url}/v1", **components),
        one("instatus", "page", page=outlets_server.PAGE, url=f"{others.url}/instatus", **components),
        one("webhook", "hook", url=f"{others.url}/hook"),
        one("email", "mail", sender="copilot@example.net", to=["customers@example.net"]),
        one("github_issue", "github", repo=outlets_server.REPO, url=f"{others.url}/github"),
    ]


def with_another_incident(page, others):
    """Mail is down already, by an incident that is not ours."""
    page.components = {"mail": "major_outage", "shop": "operational"}
    another = {"id": "p0", "status": "identified", "incident_updates": [], "name": "Mail is down"}
    page.incidents["p0"] = another | {"components": [{"id": "mail", "status": "major_outage"}]}
    others.incidents["i0"] = {"id": "i0", "status": "IDENTIFIED", "updates": [], "components": [{"id": "mail"}]}


def mails(server):
    """Subject and Message-ID of each letter that the mail server took."""
    letters = [message_from_string(one, policy=policy.default) for one in server.letters]
    return [(one["subject"], one["message-id"]) for one in letters]


async def test_customers_read_by_every_channel_what_people_approved_once_and_what_they_corrected(tmp_path, monkeypatch):
    async with (
        statuspage_server.running() as page,
        outlets_server.running() as others,
        sink() as mail,
        workspace(tmp_path) as whole,
    ):
        file = tmp_path / "copilot.yaml"
        told = {"comms_channels": channels(page, others, mail.port)}
        file.write_text(json.dumps(json.loads(file.read_text()) | told))
        for name, secret in SECRETS.items():
            monkeypatch.setenv(f"COPILOT_TEST_{name.upper()}", secret)
        with_another_incident(page, others)
        async with running(whole, settings_for(whole)):
            sees = partial(whole.sees, timeout_s=SLOWEST_S)
            until = partial(whole.sandbox.until, timeout_s=SLOWEST_S)
            await until(lambda: whole.sandbox.sockets)
            ben, cara = (whole.sandbox.person(name) for name in ("ben", "cara"))
            await whole.fire()
            place = await whole.channel()
            await ben.join(place)
            await cara.join(place)
            await sees(place, "Status update for customers")

            await ben.command("/incident", "severity P0 everybody is affected", channel=place)
            old = await sees(place, "the severity is P0 critical, it was P1 high")
            assert (await cara.click(old, "redraft")).ok
            await until(lambda: len(whole.told(place, "Status update for customers")) == 2)
            page.lose_next, others.loses, mail.answers["END"] = True, {"instatus", "github", "webhook"}, "break"
            new = whole.told(place, "Status update for customers")[-1]
            assert (await cara.click(new, "approve")).ok
            await until(lambda: mail.letters)
            del mail.answers["END"]
            out = await sees(place, EVERYWHERE)
            assert (page.url in shown(out), "Unknown" in shown(out)) == (True, False)
            assert (sorted(page.incidents), page.incidents["p1"]["status"]) == (["p0", "p1"], "investigating")
            assert page.components == {"mail": "major_outage", "shop": "major_outage"}
            assert (len(others.incidents), len(others.issues), len(others.comments)) == (2, 1, 0)

            await cara.click(out, "correct_update")
            await cara.submit(await whole.form(cara), {"text": CORRECTED})
            correction = await sees(place, "Correction of the status update for customers")
            await cara.click(correction, "approve")
            await sees("#customer-updates", CORRECTED)
            await sees("#general", CORRECTED)
            corrected = {"statuspage": [CORRECTED], "instatus": [CORRECTED], "github": [CORRECTED]}
            await until(lambda: {"statuspage": page.bodies("p1"), **others.words()} == corrected)

            await ben.command("/incident", "resolve", channel=place)
            await ben.submit(await whole.form(ben), {"ending": "resolved", "note": "Over.", "anyway": ["anyway"]})
            last = await sees(place, "The checkout works again")
            await cara.click(last, "approve")
            await until(lambda: len(whole.told(place, EVERYWHERE)) == 2)
            over = whole.told(place, EVERYWHERE)[-1]
            await cara.click(over, "retract")
            ended = [CORRECTED, WITHDRAWN]
            withdrawn = {"statuspage": ended, "instatus": ended, "github": ended}
            await until(lambda: {"statuspage": page.bodies("p1"), **others.words()} == withdrawn)
            await until(lambda: len(mail.letters) == 5)
            await sees("#customer-updates", WITHDRAWN)
            await sees("#general", WITHDRAWN)
            await whole.still()
        whole.sandbox.assert_conformant()

    assert page.components == {"mail": "major_outage", "shop": "operational"}
    assert others.components == {"mail": "MAJOROUTAGE", "shop": "OPERATIONAL"}
    assert [one["status"] for one in page.incidents.values()] == ["identified", "resolved"]
    assert [one["status"] for one in others.incidents.values()] == ["IDENTIFIED", "RESOLVED"]
    assert [one["state"] for one in others.issues.values()] == ["closed"]
    sent = [(delivery_id, body["type"]) for delivery_id, body in others.deliveries]
    assert [kind for _, kind in sent] == [
        f"update.{act}" for act in ("publish", "publish", "correct", "publish", "retract")
    ]
    assert sent[0] == sent[1]
    name = page.incidents["p1"]["name"]
    letters = mails(mail)
    assert [subject for subject, _ in letters] == [
        f"{name} (investigating)",
        f"{name} (investigating)",
        f"Correction: {name} (investigating)",
        f"{name} (resolved)",
        f"Withdrawn: {name} (resolved)",
    ]
    assert letters[0] == letters[1]
    db = whole.open_db()
    async with db.read() as view:
        assert await action_log.verify(view) == []
    await db.close()
