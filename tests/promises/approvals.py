"""The state machine of approvals: proposed, voted on, edited, lost, run, cut off, taken back; P4 to P6 at each run."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from conftest import SetClock
from incident_copilot.domain.action import Actions
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice, Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused, OutcomeUnknown
from incident_copilot.pipeline import act, anew, decide, outcomes, resolve, run, undo
from incident_copilot.ports import ActionResult, DryRun
from incident_copilot.store import action_log
from incident_copilot.vendors import departing
from pipeline.life import Life, Page, big
from quick import opened_quickly

from .fuse import Killed
from .promises import NEXT
from .run import Run
from .scene import GONE_BY, LEASES_LAST_S

ANY = st.integers(0, 2)
"""Which proposal: mostly one that is open."""
WHO = st.sampled_from(["ana", "ben", "ben", "cara", "vic"])
"""An approver, a commander, the comms lead and a viewer."""
VOTERS = st.lists(st.tuples(WHO, st.sampled_from([True, True, True, False])), min_size=1, max_size=3)
ACTION = st.sampled_from(["off", "cut"])
TROUBLE = st.sampled_from([None, OutcomeUnknown("Switch: no answer"), Killed()])
"""The answer comes, it is lost, or the process dies before it can write it down."""
BETWEEN = st.sampled_from([*["nothing"] * 4, "leave", "edit", "resolve", "wait"])
SWITCH = {"adapter": "switch", "verify": False}
BACK = {"undo": {"action": "on"}}
ENTRIES = Actions.model_validate(
    {
        "actions": [
            {"name": "off", "does": "Switch it off", "with": {"to": "off"}, **SWITCH, **BACK},
            {"name": "cut", "does": "Cut it off", "with": {"to": "cut"}, "risk": "high", **SWITCH, **BACK},
            {"name": "on", "does": "Switch it on", "with": {"to": "on"}, **SWITCH},
        ]
    }
)


class Switch:
    """Something that actions turn; `asked` is called with each change before it is made."""

    name, retry = "switch", "ask"

    def __init__(self, asked):
        self.position, self.trouble, self.asked = "on", None, asked

    async def dry_run(self, params):
        can_be_read = params["to"] != "cut"
        state, wanted = ({"is": self.position}, {"is": params["to"]}) if can_be_read else ({}, {})
        said = dict.fromkeys(("target", "effect", "undo"), "the switch")
        return DryRun(request=f"turn {params['to']}", current="as read", state=state, wanted=wanted, **said)

    async def execute(self, approved):
        await departing.noted()
        self.asked(approved.key, approved.params["to"])
        self.position = approved.params["to"]
        trouble, self.trouble = self.trouble, None
        if trouble:
            raise trouble
        return ActionResult(ok=True, summary="Turned.")

    async def find(self, approved, since):
        return None


class StatusPage(Page):
    """A page that says what it is told before it takes it."""

    def __init__(self, asked):
        super().__init__()
        self.retry, self.asked = "ask", asked

    async def publish(self, update):
        await departing.noted()
        self.asked(update.key, update.text)
        trouble, self.trouble = self.trouble, None
        receipt = await super().publish(update)
        if trouble:
            raise trouble
        return receipt


class Approvals(Run):
    """One incident and what is proposed in it."""

    def __init__(self):
        super().__init__()
        self.db = opened_quickly(f"sqlite+aiosqlite:///{self.file}")
        self.rows = sqlite3.connect(self.file)
        self.rows.row_factory = sqlite3.Row
        self.clock = SetClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
        self.switch, self.page = Switch(self._is_run), StatusPage(self._is_run)
        self.life = self._life()
        self.seen, self.ran, self.states, self.gone, self.broken = {}, [], {}, set(), set()
        self.problems = []

    def teardown(self):
        try:
            self.do(self._go_on(61))
            self.promises_hold()
        finally:
            self.rows.close()
            self.end(self.db.close())

    @initialize(name=ACTION)
    def an_incident_opens(self, name):
        self.incident = self.do(self.life.opened(big()))
        self.somebody_proposes(name, "cara")

    @rule(name=ACTION, who=WHO)
    def somebody_proposes(self, name, who):
        self._attempt(lambda person: act.request(self.life.deps, self.incident.id, person, name, {}), who)

    @rule()
    def an_update_is_drafted(self):
        shown = {"audience": "customers", "text": "It is slow."}
        self.do(self.life.put(self.incident, ProposalKind.UPDATE, rank=0, shown=shown))

    @rule(which=ANY, voters=VOTERS, is_old=st.sampled_from([False, False, True]))
    def people_vote_at_once(self, which, voters, is_old):
        found = self._pick(which)
        version = max(1, found.version - is_old) if found else 0

        async def cast(name, choice):
            person = await self.life.person(name)
            try:
                await decide.vote(self.life.deps, found.id, version, choice, person, seen=found.hash[:16])
            except DecisionRefused:
                return
            self.seen.setdefault(f"{found.id}-{version}", {})[person.id] = found.hash

        async def at_once():
            await asyncio.gather(*(cast(who, Choice.APPROVE if yes else Choice.REJECT) for who, yes in voters))

        if found:
            self.do(at_once())

    @rule(which=ANY, who=WHO, text=st.sampled_from(["It is slow.", "It is slower.", "It works."]))
    def somebody_edits(self, which, who, text):
        found = self._pick(which)
        if found:
            self._attempt(lambda person: decide.edit(self.life.deps, found.id, found.version, person, text=text), who)

    @rule(which=ANY, who=WHO)
    def somebody_breaks_the_glass(self, which, who):
        found = self._pick(which)
        if found and self._attempt(
            lambda person: decide.break_glass(self.life.deps, found.id, found.version, person, "Customers wait."), who
        ):
            key = f"{found.id}-{found.version}"
            self.broken.add(key)
            self.seen.setdefault(key, {})[f"U0{who.upper()}"] = found.hash

    @rule(minutes=st.sampled_from([0, 1, 6]))
    def time_passes_and_work_is_done(self, minutes):
        self.do(self._go_on(minutes))

    @rule(minutes=st.sampled_from([1, 35, 61]))
    def time_passes_while_nothing_runs(self, minutes):
        self.clock.forward(minutes * 60)

    @rule(which=ANY, voters=VOTERS, between=BETWEEN, who=WHO, trouble=TROUBLE)
    def it_is_approved_and_something_happens_before_it_is_sent(self, which, voters, between, who, trouble):
        self.switch.trouble = self.page.trouble = trouble
        self.people_vote_at_once(which, [("ben", True), ("ana", True), *voters], is_old=False)
        if between == "leave":
            self.somebody_leaves_or_comes_back(who)
        elif between == "edit":
            self.somebody_edits(which, who, "It is slower.")
        elif between == "resolve":
            ending = {"ending": Ending.RESOLVED, "note": "", "despite_red": True}
            self._attempt(lambda person: resolve.resolve(self.life.deps, self.incident.id, person, **ending), who)
        elif between == "wait":
            self.clock.forward(31 * 60)
        self.do(self._go_on(0))

    @rule(who=WHO)
    def somebody_leaves_or_comes_back(self, who):
        chat_id = f"U0{who.upper()}"
        self.gone ^= {chat_id}
        name = who.title()
        self.life.chat.people[chat_id] = Person(id=chat_id, name=name, is_deactivated=chat_id in self.gone)

    @precondition(lambda self: self._in(*undo.DONE))
    @rule(who=WHO)
    def somebody_takes_it_back(self, who):
        done = self._in(*undo.DONE)[0]
        self._attempt(lambda person: undo.undo(self.life.deps, done.id, person), who)

    @precondition(lambda self: self._in(ProposalState.EXPIRED, ProposalState.FAILED))
    @rule(who=WHO)
    def somebody_drafts_it_anew(self, who):
        ended = self._in(ProposalState.EXPIRED, ProposalState.FAILED)[0]
        self._attempt(lambda person: anew.propose_anew(self.life.deps, ended.id, person), who)

    @precondition(lambda self: self._in(ProposalState.UNKNOWN))
    @rule(who=WHO, happened=st.booleans())
    def somebody_says_what_happened(self, who, happened):
        asked = self.rows.execute("SELECT id FROM effects WHERE state = 'unknown' ORDER BY rowid").fetchall()
        if asked:
            effect_id = asked[0]["id"]
            self._attempt(lambda person: outcomes.answer(self.life.deps, effect_id, person, happened=happened), who)

    @precondition(lambda self: not self._is_running())
    @rule()
    def it_is_reopened(self):
        self._attempt(lambda person: run.reopen(self.life.deps, self.incident.id, person), "ben")

    @invariant()
    def promises_hold(self):
        Approvals.steps += 1
        assert self.problems + self.bugs.found == [], self.problems + self.bugs.found
        assert len({key for key, _ in self.ran}) == len(self.ran), f"run twice: {self.ran}"
        for found in self._proposals():
            was = self.states.get(found.id)
            assert was in {None, found.state} or found.state in NEXT.get(was, ()), (
                f"{found.title}: {was}, {found.state}"
            )
            self.states[found.id] = found.state
        assert self.do(self._log_problems()) == []

    def _is_run(self, key, what):
        """Look before a change is made. The outbox would take what is raised here for trouble of the other side."""
        try:
            self._may_run(key, what)
        except AssertionError as error:
            self.problems.append(str(error))
        self.ran.append((key, what))

    def _may_run(self, key, what):
        """It is on its way by the outbox, decided, as shown, and by people who may."""
        proposal_id, _, version = key.rpartition("-")
        [found] = [one for one in self._proposals() if one.id == proposal_id]
        leased = self.rows.execute(
            "SELECT 1 FROM effects WHERE state = 'leased' AND deed LIKE ?", (f"%{proposal_id}%",)
        )
        assert leased.fetchall(), "nothing in the outbox asks for it"
        assert (found.state, str(found.version)) == (ProposalState.APPROVED, version)
        assert what == found.shown.get("text", found.shown.get("request", "").rpartition(" ")[2])
        voters = self.seen[key]
        assert set(voters.values()) == {found.hash}, "somebody approved something else"
        assert not self.gone & {*voters}, "who approved it has no right any more"
        assert len({*voters} - {found.requested_by} if found.risk == "high" else voters) >= (
            1 if key in self.broken else found.needed
        )
        assert found.decided_at < found.expires_at
        if found.kind is ProposalKind.ACTION:
            assert self._is_running(), "the incident has ended"
            assert (self.clock() - found.decided_at).total_seconds() <= 30 * 60

    def _attempt(self, asked, who):
        """Do something as a person; None where it is refused."""

        async def tried():
            try:
                return await asked(await self.life.person(who))
            except DecisionRefused:
                return None

        return self.do(tried())

    async def _go_on(self, minutes):
        self.clock.forward(minutes * 60)
        for _ in range(3):
            try:
                await self.life.work()
            except Killed:
                # The next process finds the lease and what was sent, and no answer.
                self.life = self._life(self.life.chat)
                self.clock.forward(LEASES_LAST_S)
                for table in ("jobs", "effects"):
                    self.rows.execute(f"UPDATE {table} SET lease_until = ? WHERE state = 'leased'", [GONE_BY])
                self.rows.commit()

    def _life(self, chat=None):
        adapters, channels = {"switch": self.switch}, {"page": self.page}
        return Life(self.db, self.clock, adapters=adapters, channels=channels, entries=ENTRIES, chat=chat)

    def _proposals(self):
        rows = self.rows.execute("SELECT body FROM proposals ORDER BY rowid")
        return [Proposal.model_validate(json.loads(row["body"])) for row in rows]

    def _in(self, *states):
        return [one for one in self._proposals() if one.state in states]

    def _is_running(self):
        return self.rows.execute("SELECT ended_at FROM incidents").fetchone()[0] is None

    def _pick(self, which):
        found = sorted(self._proposals(), key=_place)
        return found[which % len(found)] if found else None

    async def _log_problems(self):
        async with self.db.read() as view:
            return await action_log.verify(view)


def _place(proposal):
    """Those that are open first, and of these the actions."""
    return proposal.state is not ProposalState.OPEN, proposal.kind is not ProposalKind.ACTION
