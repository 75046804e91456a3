"""The state machine: alerts, people, time and trouble in any order, with the promises checked after each step."""

import asyncio
from contextlib import AsyncExitStack

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.proposal import Choice, ProposalKind, Risk
from incident_copilot.pipeline import decide, outcomes, proposing, resolve, roles, run
from incident_copilot.sandbox import Fault
from incident_copilot.store import incidents, proposals
from pipeline import samples

from .alerts import KINDS, Alertmanager
from .promises import Promises
from .run import Run
from .scene import Scene

WHO = st.sampled_from(["U0BEN", "U0ANA", "U0VIC"])
"""A commander, an approver and a viewer."""
WHICH = st.integers(0, 1)
ANY = st.integers(0, 31)
SOME_ALERTS = st.sets(st.integers(0, len(KINDS) - 1), min_size=1, max_size=3)
FAULTS = st.builds(
    Fault,
    kind=st.sampled_from(["ratelimited", "error", "error_after", "drop", "drop_reply"]),
    status=st.just(503),
    retry_after=st.sampled_from([1, 30]),
    times=st.integers(1, 3),
)
METHODS = st.sampled_from(["*", "chat.postMessage", "chat.update", "conversations.create", "conversations.history"])
CARE = {
    "acknowledge": lambda deps, incident_id, person, _: run.acknowledge(deps, incident_id, person),
    "set_severity": run.set_severity,
    "assign": lambda deps, incident_id, person, _: roles.assign(deps, incident_id, person, person.id),
    "reopen": lambda deps, incident_id, person, _: run.reopen(deps, incident_id, person),
    "resolve": lambda deps, incident_id, person, _: resolve.resolve(
        deps, incident_id, person, ending=Ending.RESOLVED, note="", despite_red=True
    ),
}
"""What people do with an incident."""
ENOUGH_ROUNDS = 400
RECOUNTED_S = 90


class Machine(Run):
    """One run."""

    def __init__(self):
        super().__init__()
        self.stack = AsyncExitStack()
        self.scene = self.do(Scene.set_up(self.stack, self.file))
        self.alertmanager = Alertmanager(self.scene.clock)
        self.promises = Promises(self.scene)
        self.sent, self.late = [], []

    def teardown(self):
        """Mend everything, let time pass until all is done, and look whether all is well."""
        try:
            self.do(self._drain())
            self.do(self.promises.check_end())
            assert self.bugs.found == []
        finally:
            self.end(self.stack.aclose())

    @invariant()
    def the_promises_hold(self):
        Machine.steps += 1
        self.do(self.promises.check())
        assert self.bugs.found == []

    @initialize(kinds=st.sampled_from([(3,), (0,), (1, 2)]))
    def it_begins(self, kinds):
        self._deliver(self.alertmanager.fire(kinds), 0)
        self.do(self._go_on(0, 1, rounds=3))

    @rule(kinds=SOME_ALERTS, is_over=st.booleans(), which=WHICH, is_late=st.booleans())
    def alertmanager_speaks(self, kinds, is_over, which, is_late):
        told = self.alertmanager.resolve(kinds) if is_over else self.alertmanager.fire(kinds)
        if is_late:
            self.late.append(told)
        else:
            self._deliver(told, which)

    @precondition(lambda self: self.sent or self.late)
    @rule(any_one=ANY, which=WHICH)
    def a_webhook_comes_late_or_again(self, any_one, which):
        told = self._pick([*self.late, *self.sent], any_one)
        if told in self.late:
            self.late.remove(told)
        self._deliver(told, which)

    @rule(which=WHICH, seconds=st.sampled_from([1, 5, 20, 700, 2000]), rounds=st.integers(1, 3))
    def it_goes_on(self, which, seconds, rounds):
        self.do(self._go_on(which, seconds, rounds))

    @rule(name=st.sampled_from(["work", "send"]))
    def both_replicas_do_the_same(self, name):
        self.do(self.scene.both(name))

    @rule(method=METHODS, fault=FAULTS)
    def slack_fails(self, method, fault):
        self.scene.sandbox.faults.add(method, fault)

    @rule(which=WHICH, crossings=st.integers(0, 6))
    def a_replica_dies(self, which, crossings):
        self.scene.replicas[which].fuse.light(crossings)
        self.do(self._go_on(which, 1))

    @rule(which=WHICH)
    def a_replica_is_restarted(self, which):
        self.do(self.scene.start_anew(which))

    @precondition(lambda self: self._running())
    @rule(
        any_one=ANY, which=WHICH, kind=st.sampled_from(ProposalKind), risk=st.sampled_from(Risk), is_lost=st.booleans()
    )
    def something_is_proposed(self, any_one, which, kind, risk, is_lost):
        self.scene.action.loses_answer = is_lost
        self.do(self._propose(self._pick(self._running(), any_one), kind, risk))
        self.do(self._go_on(which, 1, rounds=2))

    @precondition(lambda self: self._shown())
    @rule(
        any_one=ANY, voters=st.lists(st.tuples(WHICH, WHO, st.booleans()), min_size=1, max_size=2), is_old=st.booleans()
    )
    def people_decide(self, any_one, voters, is_old):
        async def at_once():
            shown = self._pick(self._shown(), any_one)
            await asyncio.gather(*(self._vote(shown, *voter, is_old) for voter in voters))

        self.do(at_once())

    @precondition(lambda self: self._shown())
    @rule(any_one=ANY, which=WHICH, who=WHO, text=st.sampled_from(["We look into it.", "It is worse."]))
    def somebody_edits(self, any_one, which, who, text):
        shown = self._pick(self._shown(), any_one)

        def act(deps, person):
            return decide.edit(deps, shown["id"], shown["version"], person, text=text)

        self.do(self.scene.act(which, "attempt", who, act))

    @precondition(lambda self: self._incidents())
    @rule(any_one=ANY, which=WHICH, who=WHO, what=st.sampled_from(sorted(CARE)), severity=st.sampled_from(Severity))
    def somebody_takes_care(self, any_one, which, who, what, severity):
        incident = self._pick(self._incidents(), any_one)

        def act(deps, person):
            return CARE[what](deps, incident["id"], person, severity)

        self.do(self.scene.act(which, "attempt", who, act))

    @precondition(lambda self: self._asked())
    @rule(which=WHICH, happened=st.booleans())
    def somebody_says_what_happened(self, which, happened):
        self.do(self._answer(which, happened=happened))

    def _deliver(self, told, which):
        if told and self.do(self.scene.act(which, "take", told)) is not None:
            self.promises.acknowledged(told)
            self.sent.append(told)

    async def _go_on(self, which, seconds, rounds=1):
        for _ in range(rounds):
            self.scene.pass_time(seconds)
            await self.scene.act(which, "work")
            await self.scene.act(which, "send")

    async def _vote(self, shown, which, who, says_yes, is_old):
        """Click on what is shown, or on what was shown before it was edited."""
        version = max(1, shown["version"] - is_old)
        yes, no = decide.FITTING.get(shown["kind"], (Choice.APPROVE, Choice.REJECT))
        choice = yes if says_yes else no

        def act(deps, person):
            return decide.vote(deps, shown["id"], version, choice, person, (shown["channel"], shown["ts"]))

        answer = await self.scene.act(which, "attempt", who, act)
        if answer and answer.counts:
            self.promises.counted(shown["id"], version, who, choice)

    async def _propose(self, incident_row, kind, risk):
        deps = self.scene.replicas[0].deps
        async with deps.db.transaction() as tx:
            incident = await incidents.lock(tx, incident_row["id"])
            shown = samples.proposal(kind).shown
            if kind is ProposalKind.MERGE:
                others = [row["id"] for row in self._running() if row["id"] != incident.id]
                if not others:
                    return
                shown = shown | {"into": others[0]}
            key = f"{kind}:{self.scene.new_id()}"
            put = proposing.new_proposal(deps, incident, kind, key, title="Do it", risk=risk, shown=shown)
            await proposals.add(tx, put)
            await proposing.show_next(tx, deps, incident)

    async def _answer(self, which, *, happened):
        [effect_id] = self._asked()[0]

        def act(deps, person):
            return outcomes.answer(deps, effect_id, person, happened=happened)

        await self.scene.act(which, "attempt", "U0BEN", act)

    async def _drain(self):
        scene = self.scene
        scene.sandbox.faults.clear()
        scene.action.loses_answer = False
        for which in (0, 1):
            await scene.start_anew(which)
        scene.pass_time(20)
        for _ in range(ENOUGH_ROUNDS):
            done = await scene.act(0, "work") + await scene.act(1, "send")
            if self._asked():
                await self._answer(0, happened=True)
            elif not done and not self._left_to_do():
                return
            scene.pass_time(1 if done else 5)
        raise AssertionError(f"not done after {ENOUGH_ROUNDS} rounds: {self._left_to_do()}")

    def _left_to_do(self):
        rows = self.scene.rows(
            "SELECT slot, state, error, run_at FROM effects WHERE state IN ('pending', 'leased', 'unknown')"
        )
        return [tuple(row) for row in rows] + [tuple(row) for row in self._due_soon()]

    def _due_soon(self):
        soon = self.scene.clock().replace(tzinfo=None)
        query = (
            "SELECT kind, state, error, run_at FROM jobs WHERE state = 'leased'"
            " OR (state = 'ready' AND run_at < datetime(?, ?))"
        )
        return self.scene.rows(query, soon.isoformat(), f"+{RECOUNTED_S} seconds")

    def _pick(self, rows, any_one):
        return rows[any_one % len(rows)]

    def _incidents(self):
        return self.scene.rows("SELECT id FROM incidents ORDER BY number")

    def _running(self):
        return self.scene.rows("SELECT id FROM incidents WHERE ended_at IS NULL ORDER BY number")

    def _asked(self):
        return self.scene.rows("SELECT id FROM effects WHERE state = 'unknown' AND asked ORDER BY id")

    def _shown(self):
        return self.scene.rows(
            "SELECT proposals.id, version, json_extract(body, '$.kind') AS kind, channel, ts FROM proposals"
            " JOIN messages ON slot = 'proposal:' || proposals.id ORDER BY state != 'open', proposals.id"
        )
