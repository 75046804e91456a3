"""The words of the acceptance tests, after Alertmanager's: push at a time, want within a window; all else fails.

    await play(
        tmp_path,
        at(0, push(alert("HighErrorRate", service="checkout"))),
        want(between(0, SOON), message("#incidents", "INC-1 HighErrorRate on checkout: P1")),
        shows("#incidents", "INC-1"),
    )

The program is the whole copilot, the collector is the ledger of the sandbox. Seconds are those of the story: they pass
as the clock does, but where the copilot has nothing left to do before the next deed, the story jumps to it. So windows
are generous for a slow machine, and cost nothing on a fast one.
"""

import asyncio
import hashlib
import json
import sqlite3
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from chaos.databases import left_to_do

from incident_copilot.demo import files
from incident_copilot.sandbox.faults import Fault
from incident_copilot.sandbox.world import Outage
from incident_copilot.store import jobs
from incident_copilot.store.tables import alerts
from whole import Whole, copilot

from .verdict import Wanted, judge, read

SOON = 40
"""Seconds that a slow machine may take for what is done in two."""
AHEAD = timedelta(seconds=60)
"""What the copilot means to do within this time is waited for; reminders and expiries come later."""
LOOK_S = 0.1
SOURCES_AWAY = dict.fromkeys(("prometheus", "loki", "github"), Outage(status=404))
"""What a brief concludes depends on the second in which its sources are read; these stories are of other things."""
PUT_TO_PEOPLE = "Waiting for a decision|Done it, or not this"


# --- what happens ---


@dataclass(frozen=True)
class Alert:
    """An alert as Alertmanager sends it; `since` and `over` are seconds of the story."""

    name: str
    labels: tuple
    since: float = 0
    over: float | None = None

    def resolved(self, over):
        """The same alert, at its end."""
        return replace(self, over=over)

    def body(self, began):
        status = {"status": "firing"}
        if self.over is not None:
            status = {"status": "resolved", "endsAt": (began + timedelta(seconds=self.over)).isoformat()}
        labels = {"alertname": self.name, **dict(self.labels)}
        summary = f"{self.name} on {labels['service']}"
        starts_at = (began + timedelta(seconds=self.since)).isoformat()
        fingerprint = hashlib.sha256(repr(labels).encode()).hexdigest()[:16]
        told = {"labels": labels, "annotations": {"summary": summary}, "startsAt": starts_at}
        return {**told, "fingerprint": fingerprint, **status}


def alert(name, *, service, severity="critical", since=0, **labels):
    """An alert that fires."""
    return Alert(name, tuple({"service": service, "severity": severity, **labels}.items()), since)


@dataclass(frozen=True)
class At:
    second: float
    deed: object


def at(second, deed):
    """Do something at a second of the story."""
    return At(second, deed)


def push(*alerts, answered=200):
    """Send one webhook, again where it is not recorded, as Alertmanager does; it has to be answered so."""

    async def deed(story):
        body = {"version": "4", "status": "firing", "alerts": [one.body(story.began) for one in alerts]}
        headers = {"Authorization": f"Bearer {files.SECRET}", "Content-Type": "application/json"}
        url, content = f"{story.whole.url}/webhooks/alertmanager", json.dumps(body)
        for _ in range(5):
            answer = await story.whole.http.post(url, content=content, headers=headers, timeout=SOON)
            if answer.status_code in {200, answered}:
                break
        assert answer.status_code == answered, f"a webhook was answered {answer.status_code}: {answer.text}"

    return deed


def slack_limits(method, times):
    """Slack answers 429 to the next calls of a method."""

    async def deed(story):
        story.whole.sandbox.faults.add(method, Fault("ratelimited", retry_after=1, times=times))

    return deed


async def lock_database(story):
    """Another process takes the database's write lock, and keeps it."""
    path = story.whole.folder / "copilot.db"
    story.lock = sqlite3.connect(path, isolation_level=None, timeout=SOON, check_same_thread=False)
    await asyncio.to_thread(story.lock.execute, "BEGIN IMMEDIATE")  # the copilot, in this thread, has to let go first


async def unlock_database(story):
    """It lets go."""
    story.lock.execute("ROLLBACK")
    story.lock.close()


async def the_hour_ends(story):
    """What waits for the digest is of the hour before, and the next hour begins."""
    now = datetime.now(UTC)
    ticked = {"kind": "digest", "key": "digest:of the story", "lane": "tick:digest", "run_at": now}
    async with story.db.transaction() as tx:
        await tx.execute(sa.update(alerts).values(digest_hour=now - timedelta(hours=1)))
        await jobs.enqueue_tick(tx, workspace_id="default", **ticked)


# --- what is wanted ---


def between(first, last):
    """A window, in seconds of the story."""
    return first, last


def want(window, *wanted, times=1):
    """Each of these has to happen in the window, so often: a number, or the least and the most."""
    bounds = times if isinstance(times, tuple) else (times, times)
    return [replace(one, window=window, times=bounds) for one in wanted]


def up_to(most):
    """Times for what may happen, and may be left out or done at once with another."""
    return 0, most


def message(place, *words):
    """A new message that shows words, in "#channel" or "the thread of #channel INC-1"."""
    return Wanted("posts in", place, words)


def edit(place, *words):
    """An edit, after which a message shows words."""
    return Wanted("edits in", place, words)


def proposal(place):
    """Whatever the copilot proposes; which step that is, is for other tests."""
    return message(place, PUT_TO_PEOPLE)


def thread(number):
    """Where a small incident lives."""
    return f"the thread of #incidents INC-{number}"


def room(number, title):
    """Where a big incident lives."""
    return f"#inc-{number}-{title.lower().replace(' ', '-')}"


def incident(number, title):
    """What a big incident is made of, each once: announcement, channel, card, pin, page, on call, brief."""
    place, label = room(number, title), f"INC-{number}"
    return (
        Wanted("opens", place),
        Wanted("words the purpose of", place, (label,)),
        Wanted("words the topic of", place, (f"{label} | P1 high",)),
        message("#incidents", f"^{label} {title}: P1 high, open"),
        message(place, f"^{label} {title}: P1 high, open"),
        Wanted("pins in", place),
        Wanted("links in", place, ("Incident page",)),
        Wanted("invites to", place, ("U0ANA",)),
        message(place, "You are on call for"),
        message(place, f"^{label}: {title}, since"),
    )


def shows(place, words):
    """In the end exactly one message of a channel shows words."""
    return Shows(place, words)


@dataclass(frozen=True)
class Shows:
    place: str
    words: str

    def is_so(self, whole):
        return whole.sandbox.channel(self.place) is not None and len(whole.told(self.place, self.words)) == 1

    def __str__(self):
        return f'MISSING  in the end one message of {self.place} shows "{self.words}"'


# --- the story ---


@dataclass
class Story:
    """A copilot at work, and the seconds of the story."""

    whole: Whole
    db: object
    before: int = 0
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    jumps: list = field(default_factory=list)

    def second(self, moment=None):
        """The second of the story at a moment of the clock, or now."""
        moment = moment or time.time()
        return moment - self.began.timestamp() + sum(jump for jumped_at, jump in self.jumps if jumped_at <= moment)

    async def until(self, second):
        """Let the copilot work until a second of the story, or until it has nothing left to do before it."""
        while (left_s := second - self.second()) > 0:
            if not await left_to_do(self.db, within=AHEAD):
                self.jumps.append((time.time(), left_s))
            else:
                await asyncio.sleep(min(left_s, LOOK_S))

    def verdict(self, wants):
        """What the ledger says of the wants; what was there `before` the story is none of it."""
        sandbox = self.whole.sandbox
        told = sandbox.ledger[self.before :]
        return judge(wants, [read(effect, self.second(effect.at), sandbox) for effect in told])


async def play(folder, *lines, **settings):
    """Do everything at its second, and compare what came of it with what was wanted.

    Raises: AssertionError with a table of what was expected and what it got.
    """
    __tracebackhide__ = True
    lines = [one for line in lines for one in (line if isinstance(line, list) else [line])]
    deeds = sorted((line for line in lines if isinstance(line, At)), key=lambda line: line.second)
    wants = [line for line in lines if isinstance(line, Wanted)]
    last = [line for line in lines if isinstance(line, Shows)]
    async with copilot(folder, outages=SOURCES_AWAY, **settings) as whole:
        announcements = whole.sandbox.channel("incidents")
        await whole.sandbox.until(lambda: announcements.has(whole.sandbox.bot_user_id))
        story = Story(whole, whole.open_db(), before=len(whole.sandbox.ledger))
        try:
            for line in deeds:
                await story.until(line.second)
                await line.deed(story)
            await story.until(max([deeds[-1].second + SOON, *(one.window[1] for one in wants)]))
        finally:
            await story.db.close()
        verdict = story.verdict(wants)
        wrong = [str(one) for one in last if not one.is_so(whole)]
        assert (verdict.is_good, wrong) == (True, []), "\n".join(["", str(verdict), *wrong])
