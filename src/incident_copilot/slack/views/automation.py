"""How far the copilot goes for each service, by whose word and on what record; with buttons that change it."""

from collections.abc import Sequence

from incident_copilot.domain.automation import Automation, ChangeState, LevelChange
from incident_copilot.domain.content import Press
from incident_copilot.pipeline.automation import Standing, details
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views.modals.parts import View, line, modal

MOST_LISTED = 12
"""Of each there are three blocks, and a message takes fifty."""
TITLE = "How far I go"
LOWER, RAISE = Press.LOWER_LEVEL, "raise_level"


def listed(found: Sequence[Standing]) -> b.Rendered:
    """Return the services, what waits for somebody first."""
    if not found:
        return b.message("catalog.yaml has no service.", [])
    heading = f"{TITLE} for {found[0].service}: {found[0].level}" if len(found) == 1 else f"{TITLE}, by service"
    return b.message(heading, _blocks(heading, found))


def look(found: Sequence[Standing]) -> View:
    """Return the same list as a modal."""
    return modal("automation_list", TITLE, listed(found).blocks or [b.footer("catalog.yaml has no service.")])


def raising(standing: Standing) -> View:
    """Return the form that asks to raise a level; what is missing for that is said."""
    two = f"{standing.more}: it takes another approver, who is asked in the operators' channel."
    wanted = f"To raise it to {two}" if standing.more else "There is nothing above."
    return _form(RAISE, f"Raise {standing.service}", standing, standing.missing or wanted, "Ask for it")


def lowering(standing: Standing) -> View:
    """Return the form that lowers a level."""
    less = standing.level.less
    wanted = f"It is set to {less} at once, by your word." if less else "There is nothing below."
    return _form(LOWER, f"Lower {standing.service}", standing, wanted, "Lower it")


def waits(change: LevelChange, *others: b.Element) -> list[b.Block | None]:
    """Return a request that waits for a second person, with its buttons and others."""
    told = [
        b.label(f"{change.service}: "),
        b.person(change.asked_by),
        b.space(f" asks that I go from {change.was} to {change.wanted}. "),
        *([b.space("Until "), b.date(change.expires_at)] if change.expires_at else []),
    ]
    buttons = [
        b.button("Agree", Press.AGREE_LEVEL, change.id, "primary", said_as=f"Agree to {change.wanted}"),
        b.button("Refuse", Press.REFUSE_LEVEL, change.id),
    ]
    return [b.lines([told]), b.actions([*buttons, *others])]


def _blocks(heading: str, found: Sequence[Standing]) -> list[b.Block | None]:
    more = len(found) - MOST_LISTED
    return [
        b.header(heading),
        *(block for one in found[:MOST_LISTED] for block in _service(one)),
        b.lines(b.more(more, "services: /incident automation and a name")),
        b.footer("observe proposes no action, suggest says what people could do, supervised does what they approved."),
    ]


def _service(one: Standing) -> list[b.Block | None]:
    asked = one.changes.get(ChangeState.ASKED)
    reason = _reason(one, ChangeState.ASKED if asked else ChangeState.IN_FORCE)
    rows = [_headline(one), *([[b.words(reason, "italic", limit=300)]] if reason else [])]
    rows += [[b.words(told, limit=300)] for told in details(one)]
    lower = [_button("Lower", LOWER, one.service, one.level.less)] if one.level.less else []
    if asked:
        return [b.lines(rows), *waits(asked, *lower)]
    raised = [_button("Raise", RAISE, one.service, one.more)] if one.more else []
    return [b.lines(rows), b.actions([*raised, *lower])]


def _headline(one: Standing) -> list[b.Element]:
    told = [b.words(one.service, "bold", limit=100), b.space(f": {one.level}, {one.source}")]
    made = one.changes.get(ChangeState.IN_FORCE)
    if made and made.decided_by and made.decided_at:
        asked = [b.person(made.asked_by), b.space(" and ")] if made.asked_by != made.decided_by else []
        told += [b.space(" ("), *asked, b.person(made.decided_by), b.space(", "), b.date(made.decided_at)]
        told += [b.space(f"; catalog.yaml: {one.declared})")]
    return told


def _button(verb: str, action_id: str, service: str, level: Automation) -> b.Element:
    return b.button(f"{verb} to {level}…", action_id, service, said_as=f"{verb} {service}")


def _form(callback_id: str, title: str, standing: Standing, wanted: str, submit: str) -> View:
    record = [[b.words(told, limit=300)] for told in details(standing)[:2]]
    return modal(
        callback_id,
        title,
        [
            b.lines([_headline(standing), *record]),
            line("reason", "Why?", many_lines=True, most=500),
            b.footer(wanted),
        ],
        submit=submit,
        kept=standing.service,
    )


def _reason(one: Standing, state: ChangeState) -> str:
    change = one.changes.get(state)
    return one.reasons.get(change.id, "") if change else ""
