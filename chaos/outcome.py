"""What came of an incident, in a form in which two runs can be compared: times, numbers and ids left out."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from chaos import databases
from chaos.drill import Drill
from incident_copilot.demo.story import shown
from incident_copilot.sandbox.state.messages import Message

_ID = re.compile(r"\b(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
_FILE = re.compile(r"\b[FC][0-9A-Z]{8,}\b")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
# What the investigation concludes, and so which next steps it puts to people, depends on the seconds it looked at.
# Here it counts that there are a brief, a postmortem and next steps, each effect of them once.
_SUSPECT = re.compile(r"Suspect: .*?(?= It goes on in| Links:|$)")
# Who took over from a stopped process tells what it read back, which is the same run in other words.
_RAN = re.compile(r"(?:Started|Run \d+ of) (\S+ of \S+)(?: for [^.]*? v\d+(?:\.\d+)*|: success)")
_OPAQUE = ("brief at incident", "review at incident", "proposal:ID at incident")
# Who got no answer clicks again, and what comes of the second click is logged as refused.
_AGAIN = ("proposal:refused", "person:denied")
_STEPS = ("proposal:proposed", "proposal:expired")
# What a crash makes the chat say no to: the channel, pin or modal is there already, or its time is over.
EXPECTED = frozenset({"name_taken", "already_pinned", "ratelimited", "expired_trigger_id", "already_in_channel"})


@dataclass(frozen=True)
class Outcome:
    """Counters of what was made; `problems` is wrong by itself, whatever another run says."""

    creates: Counter[str]
    posts: Counter[str]
    uploads: Counter[str]
    dispatches: Counter[str]
    texts: Counter[str]
    logged: Counter[str]
    problems: list[str] = field(default_factory=list)


async def outcome(drill: Drill) -> Outcome:
    """Return what came of a drill that has become quiet."""
    names = {channel.id: channel.name for channel in drill.sandbox.workspace.channels.values()}
    slots = await databases.slots(drill.db)
    ids = [effect.args["metadata"]["event_payload"]["id"] for effect in _made(drill, "chat.postMessage")]
    posts = [
        f"{names[effect.response['channel']]}: {plain(slots.get(sent, 'an effect that is in no table'))}"
        for sent, effect in zip(ids, _made(drill, "chat.postMessage"), strict=True)
    ]
    uploads = [effect.args["files"][0]["title"] for effect in _made(drill, "files.completeUploadExternal")]
    logged = await databases.log_kinds(drill.db)
    return Outcome(
        creates=Counter(str(effect.args["name"]) for effect in _made(drill, "conversations.create")),
        posts=_once(Counter(posts), _OPAQUE),
        uploads=Counter(plain(str(title)) for title in uploads),
        dispatches=Counter(f"{run.repo} {run.workflow} {run.inputs.get('version')}" for run in drill.world.dispatches),
        texts=_texts(drill, slots),
        logged=_once(
            Counter(
                {
                    f"{chain}: {kind}": n
                    for chain, kinds in logged.items()
                    for kind, n in kinds.items()
                    if kind not in _AGAIN
                }
            ),
            _STEPS,
        ),
        problems=[
            *(f"posted {times} times: {slots.get(one, one)}" for one, times in Counter(ids).items() if times > 1),
            *(f"the log: {problem}" for problem in await databases.log_problems(drill.db)),
            *(f"given up: {one}" for one in await databases.given_up(drill.db)),
            *(f"refused: {one}" for one in drill.sandbox.refused if one.error not in EXPECTED),
        ],
    )


def differences(wanted: Outcome, got: Outcome) -> list[str]:
    """Return what is missing, too much or wrong, in words."""
    found = list(got.problems)
    for name in ("creates", "posts", "uploads", "dispatches", "texts", "logged"):
        before, after = getattr(wanted, name), getattr(got, name)
        found += [f"{name}: missing {times} x {what}" for what, times in (before - after).items()]
        found += [f"{name}: too much {times} x {what}" for what, times in (after - before).items()]
    return found


def plain(text: str) -> str:
    """Return a text without ids and numbers, which differ from run to run."""
    return _NUMBER.sub("#", _FILE.sub("F", _ID.sub("ID", _SUSPECT.sub("Suspect", _RAN.sub(r"Ran \1", text)))))


def _made(drill: Drill, method: str) -> list[object]:
    return [effect for effect in drill.sandbox.ledger if effect.method == method]


def _texts(drill: Drill, slots: Mapping[str, str]) -> Counter[str]:
    """What stands in every channel and thread in the end; a brief may have been posted anew."""
    lines: Counter[str] = Counter()
    for channel in drill.sandbox.workspace.channels.values():
        if channel.im_user:
            continue
        for message in drill.sandbox.messages(channel.id):
            lines[f"#{channel.name}: {_text(message, slots)}"] += 1
            lines.update(f"#{channel.name}, a reply: {_text(reply, slots)}" for reply in message.replies)
    return _once(lines, _OPAQUE)


def _once(counted: Counter[str], endings: tuple[str, ...]) -> Counter[str]:
    return Counter({what: 1 if what.endswith(endings) else times for what, times in counted.items()})


def _text(message: Message, slots: Mapping[str, str]) -> str:
    sent = ((message.metadata or {}).get("event_payload") or {}).get("id", "")
    slot = plain(slots.get(sent, ""))
    if slot in _OPAQUE and "Carried out" not in message.text:
        return slot
    return plain(" ".join(shown(message).split()) + "".join(f" [file {one['title']}]" for one in message.files))
