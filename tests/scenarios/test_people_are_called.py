"""People are called: by every kind of schedule, paged at two services and both ways, loud where it fails, held back.

It happens in a workspace that lives by the test's clock, over the night in which the clocks in Berlin are set back.
"""

import contextlib
import re
from datetime import UTC, datetime, timedelta

from delivery.conftest import PLACES, Mailbox
from incident_copilot.demo.files import CHANNELS
from incident_copilot.demo.story import shown
from incident_copilot.domain.catalog import Catalog, CatalogPerson, OnCall, Service, Team
from incident_copilot.domain.page import key_of
from incident_copilot.domain.rotation import Rotation
from incident_copilot.pipeline import receive
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.sandbox import Sandbox
from incident_copilot.sandbox.timing import Timing
from incident_copilot.slack.app import build, listening
from incident_copilot.slack.calls import connected
from incident_copilot.slack.manifest import manifest
from incident_copilot.slack.workspace import SlackWorkspace
from incident_copilot.store import action_log, jobs
from pipeline.life import Life, big

from .paging_services import PagingServices, done_at_opsgenie, done_at_pagerduty

BEGUN = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
MONDAY = datetime(2026, 10, 26, 8, 0, tzinfo=UTC)
"""Nine o'clock in Berlin, where it was seven in UTC the week before."""
ROTATION = Rotation(people=("U0DEV", "U0SAM"), starts="2026-10-19T09:00", zone="Europe/Berlin")
TEAMS = {
    "shop": OnCall(source="pagerduty", schedule="PSHOP", pager="pagerduty"),
    "search": OnCall(source="opsgenie", schedule="Shop primary", pager="opsgenie"),
    "data": OnCall(source="grafana_oncall", schedule="SBM7DV7BKFUYU", secondary="U0BEN"),
    "web": OnCall(source="ical", schedule="web"),
    "core": OnCall(rotation=ROTATION, pager="pagerduty"),
}
PEOPLE = {
    "ana": ("Ana", ["approver"]),
    "ben": ("Ben", ["commander"]),
    "sam": ("Ben from the other team", ["responder"]),
}
CATALOG = Catalog(
    services=tuple(
        Service(name=name, team=team, tier=2, handles_personal_data=False)
        for name, team in [*((name, name) for name in TEAMS), ("cart", "shop")]
    ),
    teams=tuple(Team(name=name, on_call=on_call) for name, on_call in TEAMS.items()),
    people=tuple(
        CatalogPerson(slack=f"U0{who.upper()}", name=name, email=f"{who}@acme.test", roles=frozenset(roles))
        for who, (name, roles) in PEOPLE.items()
    ),
)
ON_SUNDAY = """shop: <@U0ANA>, then <@U0BEN>, until 28 Nov 08:00 UTC, by pagerduty
search: <@U0ANA>, then <@U0BEN>, by opsgenie
data: <@U0ANA>, then <@U0BEN>, by grafana_oncall
web: <@U0ANA>, until 26 Oct 08:00 UTC, by ical
core: <@U0DEV>, then <@U0SAM>, until 26 Oct 08:00 UTC, by the rotation of catalog.yaml"""
ON_MONDAY = """web: <@U0SAM>, until 2 Nov 08:00 UTC, by ical
core: <@U0SAM>, then <@U0DEV>, until 2 Nov 08:00 UTC, by the rotation of catalog.yaml"""


class Night:
    """The pipeline and the app between a database and a workspace, both by one clock."""

    def __init__(self, life, sandbox, services, plugins, mailbox):
        self.life, self.sandbox, self.services, self.mailbox = life, sandbox, services, mailbox
        self._plugins = plugins

    async def typed(self, who, text, channel="#general"):
        """What somebody is told who types a command."""
        person = self.sandbox.person(who)
        before = len(person.ephemerals(channel))
        await person.command("/incident", text, channel=channel)
        await self.sandbox.until(lambda: len(person.ephemerals(channel)) > before)
        return person.ephemerals(channel)[-1].text

    async def on_call(self):
        """Read the schedules, as the clock does, and ask who is on call."""
        async with self.life.deps.db.transaction() as tx:
            now = self.life.clock()
            key = f"duties:{now.isoformat()}"
            await jobs.enqueue_tick(tx, workspace_id="w", kind=Work.DUTIES, key=key, lane="tick:duties", run_at=now)
        await self.life.work()
        return await self.typed("ana", "oncall")

    async def trouble(self, service):
        """The channel of a new incident of a service, and the key of its page."""
        labels, clock = {"cluster": service}, self.life.clock
        incident = await self.life.opened(big("Trouble", service=service, starts_at=clock(), labels=labels))
        await self.pass_time(seconds=10)
        channel = self.sandbox.workspace.channels[incident.channel_id]
        return f"#{channel.name}", key_of("w", incident.id, CATALOG.team(incident.team).on_call.pager)

    async def hears(self, source, body):
        """A paging service tells by its webhook what was done there."""
        delivery = self._plugins.alert_sources[source].parse({}, body)
        await receive.receive(self.life.deps, source, delivery, body)
        await self.pass_time(seconds=10)

    async def pass_time(self, **span):
        """Slack takes a message a second, so what is due goes out within some."""
        for _ in range(3):
            await self.life.go_on(seconds=timedelta(**span).total_seconds() / 3)

    def reads(self, channel, words):
        """The newest message of a channel that shows these words."""
        return [one for one in self.sandbox.messages(channel) if words in shown(one)][-1]


def named(message):
    """The chat ids of those whom a message shows by name."""
    return re.findall(r"'user_id': '(\w+)'", str(message.blocks))


@contextlib.asynccontextmanager
async def night(db, clock):
    clock.time = BEGUN
    services, mailbox = PagingServices(), Mailbox()
    plugins = services.plugins(clock)
    living = {
        "manifest": manifest(),
        "channels": CHANNELS,
        "timing": Timing(burst=100),
        "now": lambda: clock().timestamp(),
    }
    async with Sandbox.running(**living) as sandbox, connected(sandbox.bot_token, sandbox.base_url) as client:
        chat = SlackWorkspace(client)
        life = Life(
            db,
            clock,
            catalog=CATALOG,
            chat=chat,
            places=PLACES,
            mailer=mailbox,
            can_mail=True,
            schedules=plugins.schedules,
            pagers=plugins.pagers,
        )
        async with listening(build(life.deps, client, chat.identity), sandbox.app_token):
            await sandbox.until(lambda: sandbox.sockets)
            yield Night(life, sandbox, services, plugins, mailbox)
        sandbox.assert_conformant()


async def test_people_are_called_by_their_schedules_and_what_they_do_there_counts_here(db, clock):
    async with night(db, clock) as it:
        assert await it.on_call() == ON_SUNDAY

        in_shop, shop_key = await it.trouble("shop")
        in_search, search_key = await it.trouble("search")
        it.reads(in_shop, "<@U0ANA> You are on call for shop. Please acknowledge within 30 min.")
        await it.hears("pagerduty", done_at_pagerduty("acknowledged", shop_key, "Ben"))
        assert named(it.reads(in_shop, "INC-1 was acknowledged at pagerduty by")) == ["U0BEN"]
        await it.sandbox.person("ana").click(it.reads(in_search, "You are on call for search"), "acknowledge")
        await it.pass_time(seconds=10)
        await it.hears("opsgenie", done_at_opsgenie("Close", search_key, "ana@acme.test"))
        assert named(it.reads(in_search, "The page of INC-2 was resolved at opsgenie by")) == ["U0ANA"]
        assert it.services.told == [
            ("pagerduty", "trigger", shop_key),
            ("opsgenie", "create", search_key),
            ("opsgenie", "acknowledge", search_key),
        ]

        assert (await it.typed("ben", "pause a wrong rollout")).startswith("Paused: ")
        in_core, core_key = await it.trouble("core")
        held = it.services.told[3:]
        assert await it.typed("ben", "resume") == "What was held back goes out now."
        await it.pass_time(seconds=10)
        assert (held, it.services.told[3:]) == ([], [("pagerduty", "trigger", core_key)])

        it.services.refuses = True
        in_cart, _ = await it.trouble("cart")
        it.reads(in_cart, "<@U0ANA> <@U0BEN> pagerduty did not page anybody for INC-4: ")
        assert [letter.to for letter in it.mailbox.letters] == [("ana@acme.test", "ben@acme.test")]
        await it.pass_time(minutes=31)
        it.reads(in_core, "<@U0SAM> Nobody has acknowledged INC-3 in time. You are the secondary; please take it.")
        assert len(it.services.told) == 4

        it.life.clock.time = MONDAY
        assert (await it.on_call()).splitlines()[-2:] == ON_MONDAY.splitlines()

    async with db.read() as view:
        assert await action_log.verify(view) == []
