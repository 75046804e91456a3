"""Blocks and views of the hand-made workspace: card, brief, proposals, one of every kind, a form, a home tab."""

from __future__ import annotations

from typing import Any

NOW = 1795247661.0
"""2026-11-21 07:54:21 UTC."""


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action_id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text), "value": f"{action_id}-1", **more}


def option(value: str, text: str, description: str | None = None) -> dict[str, Any]:
    return {"value": value, "text": plain(text)} | ({"description": plain(description)} if description else {})


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(elements)}


def rich_section(*parts: str | dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "rich_text_section",
        "elements": [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts],
    }


def card_blocks() -> list[dict[str, Any]]:
    return [
        {"type": "header", "block_id": "head", "text": plain("INC-42 checkout: 20 % of requests fail")},
        {
            "type": "section",
            "block_id": "facts",
            "fields": [
                mrkdwn("*Severity*\n:large_orange_circle: P1, high"),
                mrkdwn("*Status*\nOpen, not acknowledged"),
                mrkdwn("*Owner*\n<@U0ANA> (on-call)"),
                mrkdwn(
                    f"*Since*\n<!date^{int(NOW - 980)}^{{date_short_pretty}} {{time}}|then>"
                    f" (<!date^{int(NOW - 980)}^{{ago}}|>)"
                ),
            ],
        },
        {
            "type": "context",
            "block_id": "why",
            "elements": [mrkdwn("2 alerts joined · 3 proposals · 1 gap: _Loki gave no answer in 3 s_")],
        },
        {
            "type": "actions",
            "block_id": "card-actions",
            "elements": [
                button("acknowledge", "Acknowledge", style="primary"),
                button("change_severity", "Change severity"),
                button("dashboard", "Dashboard", url="https://grafana.example/d/checkout"),
                {
                    "type": "overflow",
                    "action_id": "card-more",
                    "options": [option("postmortem", "Show postmortem"), option("quiet", "Be quiet for 30 min")],
                },
            ],
        },
    ]


def brief_blocks() -> list[dict[str, Any]]:
    return [
        section(
            "*Likely cause:* payments `v2.31.0`, deployed 30 s before onset. "
            "<https://github.example/compare|diff>: `pool_size 20 -> 4`\n"
            "*Evidence:* new log template _QueuePool limit of size 4_, 0 to *1,240 a minute*\n"
            "*Not the cause:* checkout v5.8.1, the newest deploy here: errors began 80 s before it\n"
            "> payments latency alert joined: checkout calls payments\n",
            block_id="brief",
            accessory=button("chart", "Show chart", accessibility_label="Show the chart of checkout errors"),
        ),
        {
            "type": "image",
            "block_id": "chart",
            "title": plain("Errors of checkout"),
            "image_url": "/page/fixture-chart.svg",
            "alt_text": "Error share of checkout: 0.4 % until 08:58, then 20 %",
        },
        {
            "type": "table",
            "block_id": "table",
            "column_settings": [{"is_wrapped": True}, {"align": "right"}],
            "rows": [
                [
                    {"type": "raw_text", "text": "Suspect"},
                    {"type": "raw_text", "text": "Score"},
                    {"type": "raw_text", "text": "Deployed"},
                ],
                [
                    {"type": "raw_text", "text": "payments v2.31.0"},
                    {"type": "raw_text", "text": "0.91"},
                    {"type": "raw_text", "text": "08:57:30"},
                ],
                [
                    rich(rich_section({"type": "text", "text": "checkout v5.8.1", "style": {"strike": True}})),
                    {"type": "raw_text", "text": "0.07"},
                    {"type": "raw_text", "text": "08:59:20"},
                ],
            ],
        },
    ]


def proposal_blocks(kind: str) -> list[dict[str, Any]]:
    if kind == "draft":
        return [
            section(
                "*Draft for customers* (not sent)\n```Since 08:58 UTC about one in five checkouts fails.\n"
                "We know the cause and are working on it. Next update 09:30 UTC.```"
            ),
            {
                "type": "actions",
                "block_id": "draft-1",
                "elements": [
                    button("approve", "Approve and send", value="draft"),
                    button("edit", "Edit"),
                    button("reject", "Reject", value="draft"),
                ],
            },
        ]
    confirm = {
        "title": plain("Roll back payments?"),
        "text": mrkdwn("To *v2.30.4* in production. Dry run: 3 pods, 40 s."),
        "confirm": plain("Roll back"),
        "deny": plain("Not now"),
        "style": "danger",
    }
    return [
        section(
            "*Roll back payments to v2.30.4* · risk: low · evidence: <https://e.example/1|1> <https://e.example/2|2>"
        ),
        {
            "type": "actions",
            "block_id": "rollback-1",
            "elements": [
                button("approve", "Approve", style="primary", value="rollback"),
                button("approve_risky", "Approve with check", confirm=confirm, style="danger"),
                button("reject", "Reject", value="rollback"),
            ],
        },
    ]


MARKDOWN = """## Plan
1. **Roll back** payments
   - [x] dry run
   - [ ] verify
2. Tell ~~nobody~~ customers

| metric | now |
|---|---|
| errors | `20 %` |

> calm

---
[docs](https://docs.example) and *done*"""


def gallery_blocks() -> list[dict[str, Any]]:
    styled = {"type": "text", "text": "bold and struck", "style": {"bold": True, "strike": True}}
    parts = [
        rich_section(
            "Text, ",
            styled,
            " ",
            {"type": "emoji", "name": "rocket"},
            " ",
            {"type": "user", "user_id": "U0BEN"},
            " ",
            {"type": "channel", "channel_id": "C0GEN"},
            " ",
            {"type": "link", "url": "https://example.com", "text": "a link"},
            " ",
            {"type": "date", "timestamp": int(NOW), "format": "{date_pretty} {time}", "fallback": "then"},
            " ",
            {"type": "color", "value": "#a92a24"},
        ),
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 0,
            "elements": [rich_section("first"), rich_section("second")],
        },
        {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [rich_section("inner one")]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "kubectl get pods -n payments"}]},
    ]
    tasks = [
        {
            "type": "task_card",
            "task_id": "1",
            "title": "Read deploys",
            "status": "complete",
            "sources": [{"type": "url", "url": "https://github.example", "text": "GitHub"}],
        },
        {
            "type": "task_card",
            "task_id": "2",
            "title": "Read logs",
            "status": "in_progress",
            "details": rich(rich_section("QueuePool, last 15 min")),
        },
        {"type": "task_card", "task_id": "3", "title": "Ask Loki", "status": "error"},
    ]
    return [
        rich(*parts) | {"block_id": "rich"},
        {"type": "markdown", "block_id": "md", "text": MARKDOWN},
        {"type": "plan", "block_id": "plan", "title": "Looking into it", "tasks": tasks},
        {
            "type": "actions",
            "block_id": "controls",
            "elements": [
                {
                    "type": "static_select",
                    "action_id": "pick",
                    "placeholder": plain("Severity"),
                    "options": [option("P1", "P1, high"), option("P2", "P2, medium")],
                },
                {"type": "users_select", "action_id": "who", "placeholder": plain("Assign to")},
                {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-21"},
                {"type": "timepicker", "action_id": "hour", "initial_time": "09:30"},
            ],
        },
        section(
            "Which of these?",
            block_id="radio",
            accessory={
                "type": "radio_buttons",
                "action_id": "rad",
                "options": [option("a", "Did it"), option("b", "Not this", "Rules it out")],
            },
        ),
        {
            "type": "context_actions",
            "block_id": "feedback",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "fb",
                    "positive_button": {"text": plain("Helpful"), "value": "1"},
                    "negative_button": {"text": plain("Not helpful"), "value": "0"},
                }
            ],
        },
        {"type": "hologram", "block_id": "future"},
    ]


def edit_view() -> dict[str, Any]:
    return {
        "id": "V0EDIT",
        "type": "modal",
        "callback_id": "edit_draft",
        "hash": "1.a",
        "state": {"values": {}},
        "title": plain("Edit the update"),
        "submit": plain("Approve edit"),
        "close": plain("Cancel"),
        "blocks": [
            {
                "type": "context",
                "block_id": "intro",
                "elements": [mrkdwn("The diff between draft and your text is logged.")],
            },
            {
                "type": "input",
                "block_id": "text",
                "label": plain("Text for customers"),
                "hint": plain("Known facts only."),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "value",
                    "multiline": True,
                    "max_length": 3000,
                    "initial_value": "About one in five checkouts fails.",
                },
            },
            {
                "type": "input",
                "block_id": "title",
                "label": plain("Title"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "value",
                    "placeholder": plain("What people see first"),
                },
            },
            {
                "type": "input",
                "block_id": "severity",
                "optional": True,
                "label": plain("Severity"),
                "element": {
                    "type": "static_select",
                    "action_id": "value",
                    "placeholder": plain("Keep it"),
                    "options": [option("P0", "P0"), option("P1", "P1")],
                },
            },
            {
                "type": "input",
                "block_id": "audience",
                "label": plain("Audience"),
                "element": {
                    "type": "radio_buttons",
                    "action_id": "value",
                    "options": [option("all", "Everyone"), option("some", "Affected customers", "About 20 %")],
                    "initial_option": option("all", "Everyone"),
                },
            },
            {
                "type": "input",
                "block_id": "places",
                "optional": True,
                "label": plain("Also post to"),
                "element": {
                    "type": "multi_static_select",
                    "action_id": "value",
                    "options": [option("status", "Status page"), option("mail", "Mail")],
                },
            },
            {
                "type": "input",
                "block_id": "review",
                "optional": True,
                "label": plain("Review"),
                "element": {
                    "type": "checkboxes",
                    "action_id": "value",
                    "options": [option("legal", "Legal has seen it")],
                },
            },
            {
                "type": "alert",
                "block_id": "note",
                "level": "warning",
                "text": plain("Nothing is sent before you approve."),
            },
        ],
    }


def home_view() -> dict[str, Any]:
    return {
        "id": "V0HOME",
        "type": "home",
        "hash": "1.b",
        "blocks": [
            {"type": "header", "block_id": "h", "text": plain("Live incidents")},
            section(
                "*INC-42* checkout: 20 % of requests fail\nP1 · open 16 min · <#C0INC>",
                block_id="i",
                accessory=button("open_incident", "Open"),
            ),
            {"type": "divider", "block_id": "d"},
            section("Nothing waits for your approval.", block_id="n"),
        ],
    }
