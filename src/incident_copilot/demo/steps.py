"""The steps of the headless demo, in order; each says in its first line what people see happen."""

import sqlite3
from collections import Counter
from datetime import UTC, datetime

from incident_copilot.demo import results
from incident_copilot.demo.bot import START_S
from incident_copilot.demo.story import BUSY_S, Story, shown
from incident_copilot.errors import CopilotError
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.store import action_log
from incident_copilot.store.db import Db

WORKSPACE = "default"
BRIEF = "Not the cause: checkout v5.8.1"
FROM_LOGS = "QueuePool limit of size 4"
CUSTOMER_TEXT = "Payments at checkout fail for about one request in five. We know why and are rolling back."


async def alert_opens_channel(story: Story) -> str:
    """The alert fires, and the incident channel opens."""
    await story.stage.play(story.scenario)
    story.fired_at = (await story.sandbox.until(lambda: story.stage.sent_at, BUSY_S))[0]
    story.channel = (await story.sandbox.until(lambda: _incident_channels(story), BUSY_S))[0]
    await story.sandbox.until(lambda: story.sandbox.messages(story.channel), BUSY_S)
    took = (datetime.now(UTC) - story.fired_at).total_seconds()
    return f"{story.channel}, first message {took:.2f} s after the webhook{late(took, 1)}"


async def brief_names_cause(story: Story) -> str:
    """The brief names the cause and says why the newest deploy is not it."""
    await story.see(BRIEF)
    took = (datetime.now(UTC) - story.fired_at).total_seconds()
    # On a busy machine the logs come after the brief is due, and refresh it.
    text = shown(await story.see(FROM_LOGS, timeout_s=20))
    for words in ("pool_size 20 -> 4", "1,240 a minute", BRIEF):
        require(words in text, f"the brief does not say {words!r}")
    return f"{took:.2f} s after the webhook, with no model{late(took, 5)}"


async def on_call_acknowledges(story: Story) -> str:
    """Ana, on call, acknowledges by a click."""
    card = story.sandbox.messages(story.channel)[0]
    await story.sandbox.person("ana").click(card, "acknowledge")
    await story.see("acknowledged")
    return "the card shows her"


async def people_talk(story: Story) -> str:
    """Ben, Cara and Dev join, and Dev says what he sees."""
    for name in ("ben", "cara", "dev"):
        await story.sandbox.person(name).join(story.channel)
    await story.sandbox.person("dev").say(story.channel, "Checkout pods are healthy, only calls to payments time out.")
    return "it goes to the timeline"


async def guest_is_refused(story: Story) -> str:
    """Gus, a guest, is refused when he approves the rollback."""
    rollback = await story.see("Roll back payments from")
    gus = story.sandbox.person("gus")
    await story.sandbox.person("ana").invite(story.channel, "gus")
    await gus.click(rollback, "approve")
    await story.sandbox.until(lambda: gus.ephemerals(story.channel), BUSY_S)
    return shown(gus.ephemerals(story.channel)[-1]).strip().splitlines()[0]


async def evidence_is_shown(story: Story) -> str:
    """Ana clicks on evidence and sees the chart."""
    await story.sandbox.until(lambda: _files(story), BUSY_S)
    ana = story.sandbox.person("ana")
    brief = await story.see(BRIEF)
    await ana.click(brief, *button(brief, "evidence"))
    await ana.close(await story.form(ana))
    return "a closer look opened"


async def comms_edits_and_approves(story: Story) -> str:
    """Cara edits the customer update and approves it; the difference is logged."""
    draft = await story.see("Status update for customers")
    cara = story.sandbox.person("cara")
    await cara.click(draft, "edit")
    await cara.submit(await story.form(cara), {"text": CUSTOMER_TEXT, "approve": ["approve"]})
    await story.sandbox.until(lambda: _posted(story, "#customer-updates", CUSTOMER_TEXT), BUSY_S)
    return "published in #customer-updates"


async def wrong_step_is_rejected(story: Story) -> str:
    """Ana says "not this" to restarting checkout."""
    restart = await story.see("Restart")
    await story.sandbox.person("ana").click(restart, "not_this")
    await story.see("Rejected")
    return "listed as ruled out"


async def second_alert_joins(story: Story) -> str:
    """The payments latency alert joins, with the reason."""
    await story.see("checkout depends on payments", 90)
    return "checkout depends on payments"


async def rollback_is_approved(story: Story) -> str:
    """Ben, the commander, approves the rollback after its dry run was shown."""
    rollback = await story.see("Roll back payments from")
    require("rollback.yml" in shown(rollback), "the proposal does not show its dry run")
    await story.sandbox.person("ben").click(rollback, "approve")
    await story.sandbox.until(lambda: story.stage.dispatches, BUSY_S)
    return "carried out once"


async def bot_is_killed(story: Story) -> str:
    """kill -9 strikes the copilot while it verifies; it comes back and goes on."""
    restarts = story.stage.bot.restarts
    await story.stage.bot.kill()
    await story.sandbox.until(lambda: story.stage.bot.restarts > restarts and story.sandbox.sockets, START_S)
    return "back, and connected again"


async def rollback_is_verified(story: Story) -> str:
    """The copilot verifies the rollback on the alerting metric."""
    verified = await story.see("It worked", 90)
    require(len(story.stage.dispatches) == 1, f"{len(story.stage.dispatches)} rollbacks were started")
    return next(line for line in shown(verified).splitlines() if "It worked" in line)


async def incident_is_resolved(story: Story) -> str:
    """Ben resolves; the restoration check comes first."""
    ben = story.sandbox.person("ben")
    await story.sandbox.until(lambda: "0 firing" in shown(_card(story)), 90)
    await ben.command("/incident", "resolve", channel=story.channel)
    ack = await ben.submit(await story.form(ben), {"ending": "resolved", "note": "Rolled back payments to v2.30.4."})
    require(ack.ok, f"the form was not taken: {ack}")
    await story.see("resolved by", BUSY_S)
    return "everything green"


async def postmortem_is_written(story: Story) -> str:
    """The postmortem is posted."""
    await story.see("Postmortem", BUSY_S)
    db = _database(story)
    try:
        names = await results.write(story.out, db, WORKSPACE, 1, story.sandbox.transcript())
    finally:
        await db.close()
    return ", ".join(names)


async def nothing_twice(story: Story) -> str:
    """No message was posted twice, kill or not."""
    posted = [str(effect.args["metadata"]) for effect in story.sandbox.ledger if effect.method == "chat.postMessage"]
    twice = [one for one, times in Counter(posted).items() if times > 1]
    require(not twice, f"posted twice: {twice}")
    return f"{len(posted)} posts, all different"


async def workspace_refused_nothing(story: Story) -> str:
    """Slack's rules held: the workspace refused none of the copilot's calls."""
    refused = [str(refusal) for refusal in story.sandbox.refused]
    require(not refused, f"refused: {'; '.join(refused)}")
    return f"{len(story.sandbox.ledger)} calls taken"


async def log_verifies(story: Story) -> str:
    """The action log verifies, and a tampered copy names its row."""
    db = _database(story)
    try:
        async with db.read() as view:
            problems = await action_log.verify(view)
    finally:
        await db.close()
    require(not problems, f"the log does not verify: {problems}")
    found = await _tampered(story)
    require(bool(found), "a tampered copy verifies")
    return f"tampered copy: {found[0]}"


STEPS = (
    alert_opens_channel,
    brief_names_cause,
    on_call_acknowledges,
    people_talk,
    guest_is_refused,
    evidence_is_shown,
    comms_edits_and_approves,
    wrong_step_is_rejected,
    second_alert_joins,
    rollback_is_approved,
    bot_is_killed,
    rollback_is_verified,
    incident_is_resolved,
    postmortem_is_written,
    nothing_twice,
    workspace_refused_nothing,
    log_verifies,
)


class StepFailed(CopilotError):
    """A step of the story did not happen as it must."""


def require(happened: bool, otherwise: str) -> None:
    """Let the story go on only if this happened.

    Raises:
        StepFailed: it did not.
    """
    if not happened:
        raise StepFailed(otherwise)


def late(took_s: float, promised_s: float) -> str:
    """Return a remark where something took longer than promised, as on a busy machine."""
    return f" (promised: {promised_s:g} s)" if took_s > promised_s else ""


def _incident_channels(story: Story) -> list[str]:
    names = [channel.name for channel in story.sandbox.workspace.channels.values()]
    return [f"#{name}" for name in names if name.startswith("inc-")]


def _card(story: Story) -> Message:
    return story.sandbox.messages(story.channel)[0]


def _posted(story: Story, channel: str, words: str) -> bool:
    return any(words in shown(message) for message in story.sandbox.messages(channel))


def _files(story: Story) -> list[Message]:
    replies = [reply for brief in story.told(BRIEF) for reply in story.sandbox.messages(story.channel, brief.ts)]
    return [reply for reply in replies if reply.files]


def button(message: Message, name: str) -> tuple[str, str]:
    """Return action id and value of the first button of this name."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    found = [element for row in rows for element in row if element["action_id"].split(":")[0] == name]
    require(bool(found), f"there is no button {name}")
    return found[0]["action_id"], found[0]["value"]


def _database(story: Story) -> Db:
    return Db.open(f"sqlite+aiosqlite:///{story.stage.folder / 'copilot.db'}")


async def _tampered(story: Story) -> list[str]:
    """What verify-log says of a copy whose third row somebody changed, triggers removed."""
    copy = story.stage.folder / "tampered.db"
    source, target = sqlite3.connect(story.stage.folder / "copilot.db"), sqlite3.connect(copy)
    source.backup(target)
    for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        target.execute(f"DROP TRIGGER {name}")
    target.execute("UPDATE action_log SET actor = 'U0EVE' WHERE seq = 3 AND chain LIKE 'incident:%'")
    target.commit()
    source.close()
    target.close()
    db = Db.open(f"sqlite+aiosqlite:///{copy}")
    try:
        async with db.read() as view:
            return [str(problem) for problem in await action_log.verify(view)]
    finally:
        await db.close()
