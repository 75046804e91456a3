"""What a story wanted against what it got: each effect was wanted, in its window, as often as it happened."""

import json
import re
from dataclasses import dataclass, field

# What Slack's methods do, in the words of the stories. The second call of an upload is the one that people see.
VERBS = {
    "chat.postMessage": "posts in",
    "chat.update": "edits in",
    "conversations.create": "opens",
    "conversations.setPurpose": "words the purpose of",
    "conversations.setTopic": "words the topic of",
    "conversations.join": "joins",
    "conversations.invite": "invites to",
    "pins.add": "pins in",
    "bookmarks.add": "links in",
    "files.getUploadURLExternal": "readies a file",
    "files.completeUploadExternal": "shares a file in",
}


@dataclass(frozen=True)
class Seen:
    """One effect: the story's second, what was done, where, and the text that went with it."""

    at: float
    verb: str
    place: str = ""
    text: str = ""

    def __str__(self):
        said = " ".join(self.text.split())
        return f'{self.verb} {self.place} "{said[:60]}{"…" if len(said) > 60 else ""}"'


@dataclass(frozen=True)
class Wanted:
    """What has to happen between two seconds, at least and at most so often; `words` are patterns of its text."""

    verb: str
    place: str = ""
    words: tuple = ()
    window: tuple = (0, 0)
    times: tuple = (1, 1)

    def __str__(self):
        return f"{self.verb} {self.place} " + " and ".join(f'"{word}"' for word in self.words)

    def is_met_by(self, seen):
        """Whether an effect is the wanted one, in its window."""
        is_timely = self.window[0] <= seen.at <= self.window[1]
        is_it = (self.verb, self.place) == (seen.verb, seen.place)
        return is_timely and is_it and all(re.search(word, seen.text) for word in self.words)


@dataclass
class Verdict:
    """Every want with the seconds at which it was met, and what nobody wanted."""

    met: dict = field(default_factory=dict)
    unexpected: list = field(default_factory=list)

    @property
    def is_good(self):
        enough = all(wanted.times[0] <= len(at) <= wanted.times[1] for wanted, at in self.met.items())
        return enough and not self.unexpected

    def __str__(self):
        """The table of a failed story; what is wrong is marked in the first column."""
        rows = [("", "expected", "when", "times", "got")]
        for wanted, at in self.met.items():
            mark = "" if len(at) >= wanted.times[0] else "MISSING"
            rows.append((mark, str(wanted), _span(wanted.window), _times(wanted.times), _seconds(at)))
        rows += [("UNEXPECTED", str(seen), "", "", f"{seen.at:.1f} s") for seen in self.unexpected]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        return "\n".join("  ".join([*map(str.ljust, row, widths), row[4]]).rstrip() for row in rows)


def judge(wants, seen):
    """Give each effect to the first want that it meets and that has room for it."""
    verdict = Verdict({wanted: [] for wanted in wants})
    for one in sorted(seen, key=lambda effect: effect.at):
        room = (w for w in wants if w.is_met_by(one) and len(verdict.met[w]) < w.times[1])
        wanted = next(room, None)
        if wanted:
            verdict.met[wanted].append(one.at)
        else:
            verdict.unexpected.append(one)
    return verdict


def read(effect, at, sandbox):
    """An effect of the sandbox's ledger in the words of the stories; `at` is the story's second."""
    args = effect.args
    channel = args.get("channel") or args.get("channel_id") or effect.response.get("channel") or ""
    channel = channel["id"] if isinstance(channel, dict) else channel
    found = sandbox.channel(channel) if channel else None
    place = f"#{found.name}" if found else ""
    if effect.method in {"chat.postMessage", "chat.update"} and (root := _root(found, args)):
        place = f"the thread of {place} {root}"
    return Seen(at, VERBS.get(effect.method, effect.method), place, _said(args))


def _root(channel, args):
    """The first words of the message whose thread a message is in: the incident's label. Nothing outside of threads."""
    thread = args.get("thread_ts") or next(
        (ts for ts, message in channel.messages.items() for reply in message.replies if reply.ts == args.get("ts")),
        None,
    )
    return channel.messages[thread].text.split()[0] if thread else ""


def _said(args):
    said = [args.get(name) for name in ("text", "users", "topic", "purpose", "title", "filename")]
    files = args.get("files") or []
    files = json.loads(files) if isinstance(files, str) else files
    return " ".join([str(text) for text in said if text] + [str(one.get("title", "")) for one in files])


def _span(window):
    return f"{window[0]:g} to {window[1]:g} s"


def _times(times):
    return str(times[0]) if times[0] == times[1] else f"{times[0]} to {times[1]}"


def _seconds(at):
    shown = ", ".join(f"{second:.1f}" for second in at[:6])
    return f"{shown}{', …' if len(at) > 6 else ''} s" if at else "nothing"
