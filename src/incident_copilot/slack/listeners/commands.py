"""/incident and everything that can be typed after it; answers are seen by the one who typed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Audience
from incident_copilot.errors import DecisionRefused, StoreUnavailable
from incident_copilot.pipeline import dead_letters, draft_comms, noise, people, read, run
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.listeners import (
    act,
    ai,
    assign,
    automation,
    bridge,
    bring_in,
    calling,
    declare,
    doctor,
    drill,
    elsewhere,
    handover,
    items,
    learned,
    look_up,
    mutes,
    outside,
    pausing,
    postmortem,
    proposals,
    recap,
    regroup,
    resolve,
    runbooks,
    settings,
    snapshot,
    stats,
    subscribe,
    tasks,
    timeline,
    weekly,
)
from incident_copilot.slack.listeners.answering import GONE, NOT_OPENED, NOT_RECORDED, tell_whole
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.listeners.wording import understand
from incident_copilot.slack.text import in_lines, to_one_person
from incident_copilot.slack.views import command_list, words
from incident_copilot.slack.views import noise as noise_view
from incident_copilot.slack.views.card import card
from incident_copilot.slack.views.command_list import COMMAND
from incident_copilot.slack.views.modals import forms

AUDIENCES = {
    **{audience.value: audience for audience in Audience},
    **dict.fromkeys(("customer", "public"), Audience.CUSTOMERS),
    **dict.fromkeys(("managers", "manager", "executives"), Audience.MANAGEMENT),
    **dict.fromkeys(("regulators", "vendors", "partners", "outside"), Audience.EXTERNAL),
}
STATUSES = {"mitigated": Status.MITIGATED, "acknowledged": Status.ACKNOWLEDGED, "resolved": Status.RESOLVED}

FOR_ALL = frozenset({"help", "declare"})
"""What tells nothing; who may declare is looked at when the form is sent, for it must open at once."""
MOST_DEAD, MOST_NAMED, MOST_LISTED = 10, 10, 30


def register(app: AsyncApp, deps: Deps, identity: Identity) -> None:
    """Listen for the command."""

    @app.command(COMMAND)
    async def incident(command: dict[str, Any], ack: AsyncAck, client: AsyncWebClient, respond: AsyncRespond) -> None:
        url = identity.known.url if identity.known else ""
        asked = Asked(deps, client, command, understand(command.get("text") or ""), url)
        try:
            said = await answer(asked)
        except DecisionRefused as refusal:
            said = {"text": to_one_person(str(refusal))}
        except StoreUnavailable:
            said = {"text": NOT_RECORDED}
        await ack(response_type="ephemeral", **said) if said else await ack()
        for more in asked.afterwards:
            await tell_whole(respond, await more())


async def answer(asked: Asked) -> dict[str, Any]:
    """Do what was typed and return the answer; an empty one where a form has opened instead.

    Raises:
        DecisionRefused: this person may not, or which incident is meant is not clear; says what is missing.
        StoreUnavailable: nothing was recorded.
    """
    verb = asked.wish.verb
    if verb is None:
        hint = f"Did you mean `{COMMAND} {asked.wish.meant}`?\n" if asked.wish.meant else "I do not know that word.\n"
        return {"text": f"{hint}`{COMMAND} help` lists what I do."}
    if verb not in FOR_ALL:
        people.require(await people.known(asked.deps, asked.user), Role.VIEWER, f"use {COMMAND}")
    if verb in ANYWHERE:
        return await ANYWHERE[verb](asked)
    return await ABOUT[verb](asked, await _which(asked))


async def _help(asked: Asked) -> dict[str, Any]:
    """All of it, what a word is about, or, where nothing at all was typed, what is wanted most here."""
    if not (asked.command.get("text") or "").strip():
        at = await read.in_channel(asked.deps, asked.channel)
        shown = command_list.here(at.label if at else None)
    else:
        named = (command_list.about(word) for word in asked.wish.words)
        shown = next((found for found in named if found), None) or command_list.whole()
    return {"text": shown.text, "blocks": shown.blocks}


async def _declare(asked: Asked) -> dict[str, Any]:
    opened = await declare.open_form(asked.deps, asked.client, asked.command, " ".join(asked.wish.words))
    return {} if opened else {"text": NOT_OPENED}


async def _list(asked: Asked) -> dict[str, Any]:
    running = await read.in_order(asked.deps)
    rows = [
        f"{words.title(one)} · {one.severity_in_words} · {words.status(one)} · "
        f"{f'<@{one.commander}>' if one.commander else 'nobody leads it'} · priority {priority.points}"
        for one, priority in running
    ]
    return {"text": in_lines(rows, 300, MOST_LISTED) or "No incident is running."}


async def _dead(asked: Asked) -> dict[str, Any]:
    letters, counts = await dead_letters.waiting(asked.deps, MOST_DEAD)
    said = dead_letters.lines(letters, counts)
    hint = ["`incident-copilot dead replay` takes them in again."] if letters else []
    return {"text": "\n".join(to_one_person(line, 300) for line in [*said, *hint]) or "There are no dead letters."}


async def _noise(asked: Asked) -> dict[str, Any]:
    shown = noise_view.lane(await noise.lane(asked.deps))
    return {"text": shown.text, "blocks": shown.blocks}


async def _status(asked: Asked, incident: Incident) -> dict[str, Any]:
    wanted = next((STATUSES[word.lower()] for word in asked.wish.words if word.lower() in STATUSES), None)
    if wanted is None:
        shown = card(await read.card(asked.deps, incident.id))
        return {"text": shown.text, "blocks": shown.blocks}

    async def act(person: Person) -> Outcome:
        return await run.set_status(asked.deps, incident.id, person, wanted)

    return await attempted(asked, act)


async def _acknowledge(asked: Asked, incident: Incident) -> dict[str, Any]:
    duty = assign.duty_in(asked.wish.words, incident)
    if duty:
        return await assign.take(asked, incident, duty)

    async def act(person: Person) -> Outcome:
        return await run.acknowledge(asked.deps, incident.id, person)

    return await attempted(asked, act)


async def _summary(asked: Asked, incident: Incident) -> dict[str, Any]:
    if recap.is_for_managers(asked):
        return await recap.managers(asked, incident)
    lines = await read.summary(asked.deps, incident.id)
    return {"text": in_lines(lines, 400, MOST_LISTED)}


async def _severity(asked: Asked, incident: Incident) -> dict[str, Any]:
    levels = [word.upper() for word in asked.wish.words if word.upper() in set(Severity)]
    if not levels:
        return await show_form(asked, forms.severity(incident))
    reason = " ".join(word for word in asked.wish.words if word.upper() != levels[0])

    async def act(person: Person) -> Outcome:
        return await run.set_severity(asked.deps, incident.id, person, Severity(levels[0]), reason)

    return await attempted(asked, act)


async def _update(asked: Asked, incident: Incident) -> dict[str, Any]:
    named = (AUDIENCES.get(word.lower()) for word in asked.wish.words)
    audience = next((found for found in named if found), Audience.INTERNAL)

    async def act(person: Person) -> Outcome:
        return await draft_comms.draft(asked.deps, incident.id, person, audience)

    return await attempted(asked, act)


async def _resolve(asked: Asked, incident: Incident) -> dict[str, Any]:
    form = await resolve.form(asked.deps, incident.id)
    return await show_form(asked, form) if form else {"text": GONE}


async def _reopen(asked: Asked, incident: Incident) -> dict[str, Any]:
    async def act(person: Person) -> Outcome:
        return await run.reopen(asked.deps, incident.id, person)

    return await attempted(asked, act)


async def _quiet(asked: Asked, incident: Incident) -> dict[str, Any]:
    on = not {"off", "no", "stop"} & {word.lower() for word in asked.wish.words}

    async def act(person: Person) -> Outcome:
        return await run.quiet(asked.deps, incident.id, person, on)

    return await attempted(asked, act)


async def _which(asked: Asked) -> Incident:
    """Return the incident that is meant: by number, by the channel, or the only one that lives in a thread of it."""
    here = await read.in_channel(asked.deps, asked.channel)
    if asked.wish.number is not None:
        is_here = here is not None and here.number == asked.wish.number  # a private one is known in its channel alone
        named = here if is_here else await read.by_number(asked.deps, asked.wish.number)
        if named is None:
            raise DecisionRefused(f"There is no INC-{asked.wish.number}.")
        return named
    if here:
        return here
    running = await read.running(asked.deps)
    candidates = [one for one in running if one.channel_id == asked.channel] or running
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise DecisionRefused("No incident is running here. Add a number, as in /incident status INC-42.")
    more = f" and {len(candidates) - MOST_NAMED} more" if len(candidates) > MOST_NAMED else ""
    names = ", ".join(one.label for one in candidates[:MOST_NAMED])
    raise DecisionRefused(f"Which one? Add its number: {names}{more}.")


ANYWHERE: Mapping[str, Callable[[Asked], Awaitable[dict[str, Any]]]] = {
    "help": _help,
    "declare": _declare,
    "handover": handover.hand_over,
    "list": _list,
    "dead": _dead,
    "mute": mutes.mute,
    "mutes": mutes.mutes,
    "unmute": mutes.unmute,
    "noise": _noise,
    "learned": learned.learned,
    "stats": stats.stats,
    "digest": weekly.digest,
    "oncall": calling.oncall,
    "automation": automation.automation,
    "pause": pausing.pause,
    "resume": pausing.resume,
    "proposals": proposals.waiting,
    "runbooks": runbooks.stale,
    "settings": settings.settings,
    "doctor": doctor.begin,
    "drill": drill.drill,
    "subscribe": subscribe.subscribe,
    "ai": ai.ai,
}
ABOUT: Mapping[str, Callable[[Asked, Incident], Awaitable[dict[str, Any]]]] = {
    "status": _status,
    "acknowledge": _acknowledge,
    "summary": _summary,
    "severity": _severity,
    "assign": assign.assign,
    "roles": assign.show_roles,
    "update": _update,
    "resolve": _resolve,
    "reopen": _reopen,
    "postmortem": postmortem.postmortem,
    "publish": elsewhere.publish,
    "tickets": elsewhere.tickets,
    "quiet": _quiet,
    "runbook": look_up.runbooks,
    "learn": runbooks.learn,
    "similar": look_up.similar,
    "why": learned.why,
    "catchup": recap.catchup,
    "before": recap.before,
    "approve": proposals.approve,
    "reject": proposals.reject,
    "merge": regroup.merge,
    "split": regroup.split,
    "action": act.action,
    "escalate": calling.escalate,
    "bridge": bridge.bridge,
    "vendor": outside.vendor,
    "hold": outside.hold,
    "snapshot": snapshot.snapshot,
    "regulator": outside.regulator,
    "silence": mutes.silence,
    "unsilence": mutes.unsilence,
    "note": timeline.add,
    "timeline": timeline.show,
    "invite": bring_in.invite,
    "page": bring_in.page,
    "link": bring_in.link,
    "snooze": bring_in.snooze,
    "task": tasks.task,
    "tasks": tasks.show,
    "item": items.item,
    "items": items.show,
}
