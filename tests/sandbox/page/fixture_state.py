"""A hand-made workspace in the shape of GET /control/state: every block type, an incident half way, hostile text."""

from __future__ import annotations

from typing import Any

from fixture_blocks import NOW, brief_blocks, button, card_blocks, gallery_blocks, proposal_blocks, section

HOSTILE = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> <javascript:alert(1)|click> &lt;!channel&gt;'
)


def ts(seconds_ago: float) -> str:
    return f"{NOW - seconds_ago:.6f}"


CARD, BRIEF, DRAFT, ROLLBACK = ts(800), ts(780), ts(600), ts(590)


def message(at: str, user: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "ts": at,
        "user": user,
        "bot_id": "B0BOT" if user == "U0BOT" else None,
        "text": text,
        "blocks": [],
        "thread_ts": None,
        "reply_count": 0,
        "reply_users": [],
        "latest_reply": None,
        "edited": None,
        "reactions": [],
        "files": [],
        "metadata": None,
        "ephemeral_to": None,
        "pinned": False,
        "subtype": None,
        "deleted": False,
        "warning": None,
    } | more


def person(who: str, name: str, real_name: str, role: str, color: str) -> dict[str, Any]:
    return {
        "id": who,
        "name": name,
        "real_name": real_name,
        "title": role.title(),
        "role": role,
        "is_bot": False,
        "is_guest": role == "guest",
        "deleted": False,
        "color": color,
    }


PEOPLE = [
    person("U0ANA", "ana", "Ana Ruiz", "on-call", "#2f6f9f"),
    person("U0BEN", "ben", "Ben Okafor", "commander", "#7a4d9f"),
    person("U0CARA", "cara", "Cara Lind", "comms lead", "#b4562f"),
    person("U0DEV", "dev", "Dev Patel", "responder", "#e0b43c"),
    person("U0VIC", "vic", "Vic Moreau", "viewer", "#4f7f4a"),
    person("U0GUS", "gus", "Gus Hale", "guest", "#777777"),
]
BOTS = [person("U0BOT", "incident-copilot", "incident-copilot", "", "#1b6168") | {"is_bot": True, "bot_id": "B0BOT"}]


def channel(who: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": who,
        "name": name,
        "is_private": False,
        "is_im": False,
        "is_archived": False,
        "is_member": True,
        "topic": "",
        "purpose": "",
        "members": ["U0ANA", "U0BEN", "U0CARA", "U0BOT"],
        "unread": 0,
        "mention_count": 0,
        "bookmarks": [],
        "pins": [],
        "agent": {"threads": {}, "prompts": []},
    } | more


def channels() -> list[dict[str, Any]]:
    return [
        channel(
            "C0INC",
            "inc-42-checkout-errors",
            agent={"threads": {BRIEF: {"status": "is reading the logs…", "can_stop": True}}, "prompts": []},
            pins=[CARD],
            topic="P1 · checkout: 20 % of requests fail · Ana Ruiz on call",
            bookmarks=[
                {"title": "Checkout dashboard", "link": "https://grafana.example/d/checkout"},
                {"title": "Runbook: error rate", "link": "https://runbooks.example/high-error-rate"},
            ],
        ),
        channel("C0GEN", "general", unread=3, mention_count=1, topic="Company-wide announcements"),
        channel("C0ANN", "incidents", unread=2, topic="One message per incident"),
        channel("C0SEC", "security-war-room", is_private=True),
        channel("C0OLD", "inc-41-search-latency", is_archived=True),
        channel("C0OUT", "team-payments", is_member=False, members=["U0DEV"]),
        channel(
            "D0BOT",
            "incident-copilot",
            is_im=True,
            members=["U0ANA", "U0BOT"],
            unread=1,
            agent={"threads": {}, "prompts": [{"title": "What is going on?", "message": "status"}]},
        ),
        channel("D0BEN", "ben", is_im=True, members=["U0ANA", "U0BEN"]),
    ]


def messages() -> dict[str, list[dict[str, Any]]]:
    incident = [
        message(ts(100000), "U0BEN", "Yesterday's note: payments deploys again at nine"),
        message(ts(805), "U0ANA", "<@U0ANA> has joined the channel", subtype="channel_join"),
        message(
            CARD,
            "U0BOT",
            "INC-42 checkout: 20 % of requests fail since 08:58",
            blocks=card_blocks(),
            pinned=True,
            edited={"ts": ts(300)},
        ),
        message(
            BRIEF,
            "U0BOT",
            "Brief: likely cause payments v2.31.0",
            blocks=brief_blocks(),
            reply_count=2,
            reply_users=["U0BEN", "U0BOT"],
            latest_reply=ts(500),
            thread_ts=BRIEF,
            reactions=[{"name": "eyes", "users": ["U0BEN", "U0ANA"]}, {"name": "+1", "users": ["U0DEV"]}],
        ),
        message(ts(560), "U0BEN", "Did pool_size really change?", thread_ts=BRIEF),
        message(ts(500), "U0BOT", "Yes: `pool_size 20 -> 4` in v2.31.0", thread_ts=BRIEF),
        message(DRAFT, "U0BOT", "A draft for customers", blocks=proposal_blocks("draft")),
        message(ROLLBACK, "U0BOT", "Proposal: roll back payments", blocks=proposal_blocks("rollback")),
        message(
            ts(420),
            "U0ANA",
            "Looking at the pool. *Customers* see `502`s; <@U0BEN> can you take comms? :eyes:\n"
            "See https://grafana.example/d/checkout",
        ),
        message(ts(410), "U0ANA", "~Not the CDN~, checked _twice_", edited={"ts": ts(400)}),
        message(ts(300), "U0BOT", "Only people on call may approve. Ask <@U0ANA>.", ephemeral_to="U0ANA"),
        message(
            ts(200),
            "U0DEV",
            "The graph",
            files=[
                {
                    "id": "F1",
                    "name": "errors.png",
                    "title": "Errors of checkout",
                    "url": "/page/fixture-chart.svg",
                    "mimetype": "image/svg+xml",
                    "alt_txt": "Errors rise to 20 %",
                },
                {
                    "id": "F2",
                    "name": "pods.txt",
                    "title": "pods.txt",
                    "url": "/files/F2/pods.txt",
                    "mimetype": "text/plain",
                    "alt_txt": "",
                },
            ],
            reactions=[{"name": "pushpin", "users": ["U0ANA"]}],
        ),
        message(ts(60), "U0VIC", HOSTILE),
        message(
            ts(30),
            "U0BOT",
            "Say when it is over",
            blocks=[
                section("Looks healthy: 0.4 % errors.", block_id="ok"),
                {"type": "actions", "block_id": "res", "elements": [button("resolve", "Resolve", style="primary")]},
            ],
            warning="This app didn't respond to the button. It may be down.",
        ),
    ]
    general = [
        message(ts(4000 - n), "U0BEN" if n % 3 else "U0CARA", f"Message {n} of a longer talk") for n in range(40)
    ]
    return {
        "C0INC": incident,
        "C0GEN": [*general, message(ts(3000), "U0BOT", "Every kind of block", blocks=gallery_blocks())],
        "C0ANN": [message(ts(700), "U0BOT", "INC-42 opened", reply_count=0)],
    }
