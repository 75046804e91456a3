"""A person is erased: no row and no message of ours names them or repeats them, what is left is said, chains verify."""

import base64
import json

import pytest
import sqlalchemy as sa

from incident_copilot.domain.content import Notice
from incident_copilot.domain.document import Document
from incident_copilot.domain.effect import (
    Canvas,
    Effect,
    EffectState,
    FileTicket,
    Mail,
    Pin,
    Place,
    PutDocument,
    Show,
    class_of,
)
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.domain.ticket import TicketText
from incident_copilot.errors import ChatRefused
from incident_copilot.pipeline import decide, erase, legal_hold, note, regroup, resolve, run, sealing, tasks
from incident_copilot.pipeline.erasing import left
from incident_copilot.pipeline.snapshots import keep
from incident_copilot.store import deliveries, effects, evidence, looks, subscriptions, timeline
from incident_copilot.store.subscriptions import Subscription
from incident_copilot.store.tables import metadata
from incident_copilot.store.triggers import APPEND_ONLY
from pipeline import samples

from .life import Life, Page, big, small

NAME, MAIL, WORDS = "Zoë Quarz", "zoe@example.com", "I told everybody to wait."
EVERYWHERE = (NAME, MAIL, WORDS)
DOCUMENT = Document(key="postmortem-inc-1", name="INC-1", title="t", text="# INC-1\n")
TICKET = TicketText(key="inc-1-item-1", title="t", text="t", since=samples.NOON)


@pytest.fixture
def life(db, clock):
    made = Life(db, clock, channels={"page": Page()})
    made.chat.people["U0ZOE"] = Person(id="U0ZOE", name=NAME)
    return made


async def naming(life):
    """Table and row of all that still names them, but for what is append-only."""
    found = []
    async with life.deps.db.read() as db:
        for table in metadata.sorted_tables:
            for row in (await db.execute(sa.select(table))).mappings():
                text = json.dumps(dict(row), default=repr, ensure_ascii=False) + _shared(row)
                if table.name not in APPEND_ONLY and any(one in text for one in EVERYWHERE):
                    found.append((table.name, text))
    return found


def _shared(row):
    deed = row.get("deed") or {}
    return base64.b64decode(deed.get("content", "")).decode(errors="replace") if deed.get("do") == "upload" else ""


def shown(life):
    return [str(content) for content in life.chat.standing.values()]


async def test_nothing_that_we_store_or_show_names_them_and_what_is_left_is_said(life, clock):
    zoe, ben, cara = [await life.person(name) for name in ("zoe", "ben", "cara")]
    incident, other = await life.opened(big()), await life.opened(small())
    await run.acknowledge(life.deps, incident.id, zoe)
    await note.note(life.deps, incident.id, zoe, WORDS)
    await tasks.add(life.deps, incident.id, ben, f"Call {NAME} back")
    await regroup.merge(life.deps, other.id, zoe, incident.number)
    put = await life.put(incident, rank=0)
    await decide.vote(life.deps, put.id, 1, Choice.NOT_THIS, zoe)
    await decide.give_reason(life.deps, put.id, zoe, WORDS)
    told = {"audience": "customers", "text": f"{NAME} works on it."}
    update = await life.put(incident, ProposalKind.UPDATE, rank=0, shown=told)
    await decide.vote(life.deps, update.id, 1, Choice.APPROVE, cara)
    async with life.deps.db.transaction() as tx:
        await evidence.add_all(tx, [samples.evidence(EvidenceKind.NOTE, incident_id=incident.id, data={"text": NAME})])
        said = {"id": "1" * 32, "incident_id": incident.id, "at": clock(), "kind": TimelineKind.MESSAGE}
        await timeline.add(tx, TimelineEntry(**said, text=f"Ask {NAME}", author="U0BEN", ref="C:1"))
        await deliveries.add(tx, workspace_id="w", source="git", key="k", body=f"by {NAME}", now=clock())
        await subscriptions.keep(tx, "w", Subscription(person="U0ZOE", severity=Severity.P0, address=MAIL), clock())
        await looks.note(tx, "w", incident.id, "U0ZOE", clock())
        sent = Mail(slot="m", to=(MAIL,), subject="s", text="t")
        mail = await effects.enqueue(
            tx, workspace_id="w", incident_id=incident.id, stream="mail", deed=sent, now=clock()
        )
        await tx.execute(sa.text("UPDATE effects SET state = 'done' WHERE id = :id").bindparams(id=mail.id))
    await life.work()
    await keep.ask(life.deps, incident.id, zoe, here=incident.channel_id)
    await resolve.resolve(life.deps, incident.id, ben, ending=Ending.RESOLVED, note=f"{NAME} did", despite_red=True)
    await life.work()
    assert len(await naming(life)) > 10
    assert [text for text in shown(life) if NAME in text]

    done = await erase.erase(life.deps, "U0ZOE")
    await life.work()

    assert await naming(life) == []
    assert [text for text in shown(life) if any(one in text for one in EVERYWHERE)] == []
    assert done[0] == "U0ZOE: 1 texts and 1 messages erased, and the name."
    assert done[1].startswith("Their name and words are taken out of ")
    assert done[2].endswith(" messages of mine in Slack are being edited.")
    assert done[3] == "Snapshots of evidence, kept as long as their row of the log, have it in: snapshot 1 of INC-1."
    assert "an update at page of INC-1" in done[4]
    assert "an e-mail to 1 people of INC-1" in done[4]
    assert "the file INC-1-postmortem.md in Slack of INC-1" in done[4]
    assert len(done) == 6
    assert await sealing.check(life.deps, [], None) == ([], 0)
    async with life.deps.db.read() as db:
        assert await subscriptions.every(db, "w") == []
    [row] = [row for row in await life.workspace_log() if row.kind is LogKind.ERASED]
    assert (row.payload["person"], row.payload["texts"], row.payload["messages"]) == ("U0ZOE", 1, 1)
    assert (await erase.erase(life.deps, "U0ZOE"))[1:] == [
        "No name of theirs is known any more; to look for one, say --also and the name."
    ]


async def test_what_people_are_about_to_decide_is_put_to_them_anew_without_the_name(life):
    incident = await life.opened(big())
    text = {"audience": "internal", "text": f"{NAME} works on it."}
    put = await life.put(incident, ProposalKind.UPDATE, rank=0, shown=text)
    await life.work()

    await erase.erase(life.deps, "U0ZOE", also=[NAME])
    await life.work()

    after = await life.proposal(put.id)
    assert (after.shown["text"], after.state) == ("(erased) works on it.", ProposalState.OPEN)
    assert after.version == put.version + 1
    assert life.chat.shown[incident.channel_id, f"proposal:{put.id}"].proposal == after


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (Canvas(markdown=NAME), ["the canvas of its channel"]),
        (Mail(slot="m", to=(MAIL, "b@example.com"), subject="s", text="t"), ["an e-mail to 2 people"]),
        (
            PutDocument(target="wiki", what="postmortem", asked_by="U0ZOE", document=DOCUMENT),
            ["postmortem at wiki"],
        ),
        (FileTicket(tracker="jira", item=1, act="open", asked_by="U0ZOE", wanted=TICKET), ["a ticket at jira"]),
        (Pin(slot="card"), []),
    ],
)
def test_what_left_the_house_is_named_once_it_has(deed, said):
    values = {"id": "1" * 32, "workspace_id": "w", "incident_id": None, "stream": "s", "seq": 1, "deed": deed}
    effect = Effect(**values, effect_class=class_of(deed), run_at=samples.NOON, created_at=samples.NOON)
    done = effect.model_copy(update={"state": EffectState.DONE})

    assert ([*left.outside(effect)], [*left.outside(done)]) == ([], said)


async def post(life, text, slot, incident=None):
    async with life.deps.db.transaction() as tx:
        deed = Show(place=Place.OPERATOR, slot=slot, content=Notice(text=text))
        fields = {"workspace_id": "w", "incident_id": incident, "stream": "operator"}
        await effects.enqueue(tx, deed=deed, now=life.clock(), **fields)


@pytest.mark.parametrize(("code", "told"), [("message_not_found", 0), ("is_archived", 1)])
async def test_only_what_a_message_shows_now_is_edited_and_nothing_is_posted_anew(life, code, told):
    for text, slot in ((f"{NAME} paused it.", "a"), (f"{NAME} lets it go on.", "b"), (f"{NAME} again.", "c")):
        await post(life, text, slot)
    await life.work()
    await post(life, "Nobody paused it.", "a")
    await life.work()
    await post(life, "Nobody did it again.", "c")
    life.chat.trouble["rewrite"] = ChatRefused(f"chat.update: {code}", code)
    before = len(life.chat.posts)

    done = await erase.erase(life.deps, "U0ZOE", also=[NAME, "Z"])
    await life.work()

    assert done[2] == "1 messages of mine in Slack are being edited."
    assert await naming(life) == []
    said = [content.text.partition(" message ")[0] for _, _, content in life.chat.posts[before:]]
    assert said == ["Not done for no incident: taking an erased name out of the"] * told


async def test_more_messages_than_the_chat_takes_wait_for_the_next_time(life):
    for slot in ("a", "b", "c"):
        await post(life, f"{NAME} did it.", slot)
    await life.work()

    first = await erase.erase(life.deps, "U0ZOE", also=[NAME], most=2)
    await life.work()
    second = await erase.erase(life.deps, "U0ZOE", also=[NAME])
    await life.work()

    assert first[1:4] == [
        "Their name and words are taken out of 2 rows: 2 in effects.",
        "2 messages of mine in Slack are being edited.",
        "1 older ones name them yet; say it again when these are edited, with --also and the name.",
    ]
    assert second[2] == "1 messages of mine in Slack are being edited."
    assert await naming(life) == []


async def test_what_is_held_keeps_the_name_until_the_hold_is_off(life):
    ben, zoe = await life.person("ben"), await life.person("zoe")
    held, free = await life.opened(big()), await life.opened(small())
    for one in (held, free):
        await tasks.add(life.deps, one.id, zoe, f"Call {NAME} back")
    await legal_hold.hold(life.deps, held.id, ben, on=True)
    await life.work()

    done = await erase.erase(life.deps, "U0ZOE")
    kept = {name for name, _ in await naming(life)}
    await legal_hold.hold(life.deps, held.id, ben, on=False)
    await erase.erase(life.deps, "U0ZOE")

    assert "Kept with the name, for a legal hold is on INC-1." in done
    assert {"people", "tasks"} <= kept
    assert [name for name, _ in await naming(life) if name != "effects"] == []
