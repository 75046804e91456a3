"""Ask the copilot: by a mention in a channel, or in its own tab; Stop, and whether the answer helped."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.errors import ChatError, DecisionRefused, StoreUnavailable
from incident_copilot.pipeline import answer as answering
from incident_copilot.pipeline import read
from incident_copilot.pipeline.answer import Answer, Question, Step
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.calls import call
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.listeners.answering import GONE, NOT_RECORDED, tell, user_of, value_of
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.stream import Stream
from incident_copilot.slack.text import one_line, to_one_person
from incident_copilot.slack.views import answer as views

log = logging.getLogger(__name__)

AT_ONCE = 8
"""How many questions are answered at the same time; more people are asked to try again."""
BUSY = "I am answering as many questions as I can just now. Please ask again in a minute."
SHARED = "I do not answer in channels that are shared with other organisations. Ask me in my own tab."
STOPPED = "Stopped, as you asked."
UNREAD = "I cannot answer: my database does not answer. Please ask again."
THANKS = "Noted, thank you."
MOST_PROMPTS = 4

Running = dict[asyncio.Task[bool], tuple[str, str]]


def register(app: AsyncApp, deps: Deps, identity: Identity) -> None:
    """Listen for questions, Stop, and what people think of answers."""
    running: Running = {}

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any], body: dict[str, Any], client: AsyncWebClient) -> None:
        await _take(deps, identity, client, running, event, is_shared=bool(body.get("is_ext_shared_channel")))

    @app.event("message")
    async def written(event: dict[str, Any], client: AsyncWebClient) -> None:
        await _take(deps, identity, client, running, event, is_shared=False)

    @app.event("agent_session_stopped")
    async def stopped(event: dict[str, Any]) -> None:
        place = (str(event["channel"]), str(event.get("thread_ts") or ""))
        with suppress(DecisionRefused):
            await answering.stop(deps, str(event["user"]), *place)
            for task in [one for one, where in running.items() if where == place]:
                task.cancel()

    @app.action(named("feedback"))
    async def judged(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        choice, _, answer_id = value_of(body).partition(":")
        try:
            is_kept = await answering.judge(deps, user_of(body), answer_id, helpful=choice == views.HELPFUL)
        except StoreUnavailable:
            await tell(respond, NOT_RECORDED)
            return
        await ack()
        await tell(respond, THANKS if is_kept else GONE)


async def suggest(deps: Deps, client: AsyncWebClient, channel: str) -> None:
    """Offer questions about what is running, in the copilot's own tab."""
    running = await read.in_order(deps)
    about = [f"What is going on with {one.label}?" for one, _ in running[: MOST_PROMPTS - 1]]
    prompts = [{"title": one_line(text, 60), "message": text} for text in [*about, "What can you do?"]]
    try:
        await call(
            client, "assistant.threads.setSuggestedPrompts", repeatable=True, channel_id=channel, prompts=prompts
        )
    except ChatError as error:
        log.info("no questions were suggested: %s", error)


async def _take(
    deps: Deps, identity: Identity, client: AsyncWebClient, running: Running, event: dict[str, Any], *, is_shared: bool
) -> None:
    """Answer one question, in a task of its own that Stop can end."""
    if event.get("bot_id") or not event.get("user"):
        return
    thread_ts = str(event.get("thread_ts") or event["ts"])
    is_direct = event.get("channel_type") == "im"
    question = Question(event["user"], str(event.get("text", "")), event["channel"], thread_ts, is_direct)
    if is_shared or len(running) >= AT_ONCE:
        await _refuse(client, question, SHARED if is_shared else BUSY)
        return
    me = await identity.me()
    stream = Stream(deps, client, question.channel, thread_ts, question.person, me.team_id)
    task = asyncio.create_task(_answer(deps, client, question, stream, me.url))
    running[task] = (question.channel, thread_ts)
    try:
        await asyncio.wait({task})
    finally:
        del running[task]
        task.cancel()
    if task.cancelled() or not task.result():
        await stream.cut_off(STOPPED)
        await stream.session("active", "")


async def _answer(deps: Deps, client: AsyncWebClient, question: Question, stream: Stream, url: str) -> bool:
    """Tell what is done and what came of it, as far as Slack takes it; False where people stopped it meanwhile."""
    await stream.status("is looking at what is known…")
    title = one_line(question.text, 150)
    is_offered = is_told = False
    try:
        async for one in answering.answer(deps, question):
            if isinstance(one, Step):
                if not is_offered:
                    await stream.session("processing", title)
                await stream.grow([views.step(one)] if is_offered else [views.plan(), views.step(one)])
                is_offered = True
            else:
                await _tell(client, question, stream, one, url)
                is_told = True
    except (DecisionRefused, StoreUnavailable) as trouble:
        await stream.status("")
        await _refuse(client, question, str(trouble) if isinstance(trouble, DecisionRefused) else UNREAD)
        return True
    return is_told


async def _tell(client: AsyncWebClient, question: Question, stream: Stream, shown: Answer, url: str) -> None:
    """Tell the answer; where Slack takes no stream, the one who asked is told alone."""
    blocks = views.blocks(shown, url)
    chunks = [views.heading(shown), *([{"type": "blocks", "blocks": blocks}] if blocks else [])]
    await stream.end(chunks, views.judged(shown))
    if stream.is_lost:
        await _refuse(client, question, shown.heading, blocks)


async def _refuse(
    client: AsyncWebClient, question: Question, text: str, blocks: list[dict[str, Any]] | None = None
) -> None:
    """Tell something to the one who asked alone."""
    place = {"channel": question.channel, "user": question.person, "thread_ts": question.thread_ts}
    try:
        await call(
            client, "chat.postEphemeral", repeatable=False, text=to_one_person(text), blocks=blocks or None, **place
        )
    except ChatError as error:
        log.info("an answer was not told: %s", error)
