"""A short message, the digest of small alerts, an approved update."""

from incident_copilot.domain.content import Digest, DigestEntry, Notice, PublicUpdate
from incident_copilot.domain.proposal import Audience
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views import words

MOST_ENTRIES = 20
STARS = {1: "of no use", 2: "", 3: "of some use", 4: "", 5: "very useful"}


def notice(shown: Notice) -> b.Rendered:
    """Return a short message; only `mentions` are notified."""
    mentions = [element for who in shown.mentions for element in (b.person(who), b.space(" "))]
    people = frozenset(shown.people)
    said = " ".join(f"<@{who}>" for who in shown.mentions if inert.chat_id(who))
    rendered = b.message(
        shown.text,
        [
            b.lines([[*mentions, *b.timed(shown.text, people, limit=900)]]),
            b.quote(shown.detail, 1_800, people) if shown.detail else None,
            b.actions(
                [
                    *(b.button(one.label, one.press, one.value, one.style) for one in shown.buttons),
                    *([_how_useful(shown.rates)] if shown.rates else []),
                ]
            ),
        ],
    )
    # The plain text is what a phone shows; without the mention in it some clients do not notify.
    return b.Rendered(f"{said} {rendered.text}".strip(), rendered.blocks)


def _how_useful(incident_id: str) -> b.Element:
    options = {f"{incident_id}:{stars}": f"{stars} {word}".strip() for stars, word in reversed(STARS.items())}
    return b.choice(options, "rate", "How useful was I?")


def digest(shown: Digest) -> b.Rendered:
    """Return the hourly digest of small alerts, each with Promote."""
    count = len(shown.entries) + shown.more
    left_out = shown.more + max(0, len(shown.entries) - MOST_ENTRIES)
    alerts = "alert" if count == 1 else "alerts"
    blocks: list[b.Block | None] = [
        b.header(f"{count} small {alerts} (P3 low)"),
        b.stamp("In the hour from", shown.hour),
        *(_entry(entry) for entry in shown.entries[:MOST_ENTRIES]),
        b.footer(f"and {left_out} more that are not listed") if left_out else None,
    ]
    names = ", ".join(dict.fromkeys(entry.name for entry in shown.entries[:5]))
    return b.message(f"{count} small {alerts} (P3 low): {names}", blocks)


def update(shown: PublicUpdate) -> b.Rendered:
    """Return an approved status update; customers see the words and nothing internal."""
    body = inert.lines(f"[TEST] {shown.text}" if shown.incident.test else shown.text, 2_800)
    pieces = _with_links(body, words.people_of(shown.incident))
    if shown.audience == Audience.CUSTOMERS:
        return b.message(body, [b.lines([pieces])])
    incident = shown.incident
    name = incident.label if incident.private else words.title(incident)
    about = f"{name} · {incident.severity_in_words} · {words.status(incident)}"
    return b.message(
        f"{shown.incident.label} update: {body}",
        [
            b.lines([[b.words(about, "bold", limit=400)], pieces]),
            b.lines([[b.space("Approved by "), b.person(shown.approved_by)]]),
        ],
    )


def _entry(entry: DigestEntry) -> b.Block:
    service = f" on {entry.service}" if entry.service else ""
    times = "once" if entry.count == 1 else f"{entry.count} times"
    what = f"{entry.name}{service}, {times} since {inert.utc(entry.since)}. {entry.summary}"
    return {
        "type": "section",
        "text": b.plain(what, 500),
        "accessory": b.button("Promote", "promote", entry.fingerprint, said_as=f"Promote {entry.name} to an incident"),
    }


def _with_links(text: str, people: frozenset[str]) -> list[b.Element]:
    """People approved these words, so an address in them is a link that reads as itself."""
    elements: list[b.Element] = []
    for piece, is_link in inert.web_links(text) or [("-", False)]:
        elements += [b.link(piece, piece, show_host=False)] if is_link else b.told_whole(piece, people)
    return elements
