"""The settings of a team, or of the workspace: what holds and where that comes from, and what is set here."""

from incident_copilot.domain.team_settings import SETTINGS, WORKSPACE, in_words
from incident_copilot.pipeline.chosen import Shown
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views.modals.parts import View, line, modal


def settings(shown: Shown) -> View:
    """Return the form; what is left empty is taken back, and the files hold."""
    named = [piece for one in shown.holds.values() for piece in inert.people_named(one.source)]
    people = frozenset(who for who, is_person in named if is_person)
    blocks: list[b.Block | None] = [b.footer(_about(shown))]
    for name, holds in shown.holds.items():
        one, typed = SETTINGS[name], in_words(shown.here.get(name, ""))
        now = f"Holds now: {in_words(holds.value)} ({holds.source})"
        blocks += [
            line(name, one.words, optional=True, most=300, initial=typed, hint=f"Such as {one.hint}"),
            b.lines([b.told(now, people, limit=400)]),
        ]
    title = f"Settings: {shown.team}" if shown.team else "Settings"
    return modal("settings", title, blocks, submit="Save", kept=shown.team or WORKSPACE)


def _about(shown: Shown) -> str:
    if shown.team:
        return f"For incidents of the team {shown.team}. What is empty is taken from the workspace."
    teams = f" A team's own: /incident settings and its name ({', '.join(shown.teams)})." if shown.teams else ""
    return f"For the whole workspace. What is set here wins over files; what is empty is taken from them.{teams}"
