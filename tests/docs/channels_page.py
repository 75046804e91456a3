"""Writes docs/comms-channels.md from the channels themselves: `make sources-page` writes it too."""

import importlib

from incident_copilot.plugins import discover

from .context_page import options_of
from .documents import ROOT
from .sources_page import told

PAGE = ROOT / "docs" / "comms-channels.md"
SETTLED = {
    "keyed": "A request whose answer was lost is repeated under its key, which makes it one.",
    "read_back": "A request whose answer was lost is looked up there; what is not found is put to people.",
}
HEAD = """# Channels of status updates

Where approved status updates are told besides the channels of Slack that `.env` names: what each channel does, how it
is set up, and its options. This page is written by `make sources-page` from the plugins; a test compares them.

Every channel is an entry under `comms_channels` in `copilot.yaml` ([operations](operations.md#copilotyaml-plugins),
with an example of each), and `audience` says whom it tells: `internal`, `management`, `customers`, `external`
(regulators, vendors, partners), or a list of these. An update is drafted for one audience and, once approved, told at
every channel of it. Drills and shadow mode stay in Slack. To set one up:

1. Write the entry, with the secret in the variable that `secret_env` names.
2. `incident-copilot channel test NAME` says whether it answers, and shows the exact request of a first update. Nothing
   is published. `incident-copilot doctor` checks all of them.

A published update has the buttons Correct and Retract: other words, or a line that says that it was withdrawn, take its
place wherever it is. How people are reminded of the next one: [operations](operations.md#status-updates).
"""


def page():
    """The whole page."""
    names = discover("comms_channels")
    listed = "\n".join(f"- [{name}](#{name})" for name in names)
    return "\n".join([HEAD, listed, "", *(section(name) for name in names)]).rstrip() + "\n"


def section(name):
    """One channel: what it does, its set-up, what becomes of lost answers, its options."""
    module = importlib.import_module(f"incident_copilot.plugins.comms_channels.{name}")
    parts = [told(part) for part in module.__doc__.strip().split("\n\n")]
    retries = [one.retry for one in vars(module).values() if isinstance(one, type) and hasattr(one, "retry")]
    return "\n\n".join([f"## {name}", *parts, *map(SETTLED.get, retries), *options_of(module.Options)]) + "\n"
