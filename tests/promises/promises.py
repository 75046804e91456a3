"""The promises P1 to P8 of the design as checks: a model of what was acknowledged, against what there is."""

import json
from collections import Counter

from incident_copilot.domain.content import Announcement, Card
from incident_copilot.domain.proposal import ProposalState as State
from incident_copilot.pipeline import show
from incident_copilot.slack.views import render
from incident_copilot.store import action_log, effects, incidents

ANSWERS = {"ratelimited", "already_in_channel", "already_pinned", "name_taken"}
"""Refusals that the copilot reckons with: it comes again later, or what it wants is so already."""
LOST = "not found in the chat"
"""What was sent four times and never arrived is given up, and the operators are told."""
TOO_OLD = "please propose it again"
"""What people approved before an outage of an hour and more is not sent after it; they are told so."""
UNDECIDED = {State.WAITING, State.OPEN}
DECISIONS = ("proposal:approved", "proposal:rejected", "proposal:done")
NEXT = {
    State.WAITING: UNDECIDED | {State.SUPERSEDED, State.EXPIRED},
    State.OPEN: set(State),
    State.APPROVED: {State.CARRIED_OUT, State.FAILED, State.UNKNOWN},
    State.UNKNOWN: {State.CARRIED_OUT, State.FAILED},
}
"""Where a proposal may go from a state; from all others nowhere."""


class Promises:
    """What was acknowledged so far, and what was seen to be true."""

    def __init__(self, scene):
        self.scene = scene
        self.newest = {}
        self.deliveries = set()
        self.votes = set()
        self.states = {}
        self.posted = {}
        self._ledger_seen = 0
        self._log_seen = 0

    def acknowledged(self, told):
        """A webhook was answered with 200."""
        self.deliveries.add(frozenset((one.kind, one.state) for one in told))
        for one in told:
            known = self.newest.get(one.kind)
            self.newest[one.kind] = max(known, one, key=lambda told: told.state) if known else one

    def counted(self, proposal_id, version, person, choice):
        """Somebody was told that their word counts."""
        self.votes.add((proposal_id, version, person, choice.value))

    async def check(self):
        """Raise AssertionError where a promise is broken now."""
        self._p1_acknowledged_is_stored()
        self._p2_one_delivery_one_row()
        self._p3_one_running_incident_per_key()
        self._p4_p5_each_post_has_its_effect_and_none_is_twice()
        self._p6_one_decision_that_never_flips()
        await self._p7_the_log_is_whole()
        self._p8_nothing_piles_up()

    async def check_end(self):
        """Raise AssertionError where something is left to do that could have been done, or is shown as it was."""
        await self.check()
        rows = self.scene.rows("SELECT * FROM effects WHERE state NOT IN ('done', 'superseded')")
        given_up = [row for row in rows if row["error"] == LOST and row["sends"] >= 4]
        too_old = [row for row in rows if row["sends"] == 0 and (row["error"] or "").endswith(TOO_OLD)]
        settled = [*given_up, *too_old]
        left = [tuple(row) for row in rows if row not in settled and json.loads(row["deed"])["do"] != "run_action"]
        assert left == [], left
        assert [tuple(row) for row in self.scene.rows("SELECT kind, error FROM jobs WHERE state = 'dead'")] == []
        assert self.scene.rows("SELECT 1 FROM alerts WHERE waiting") == []
        refused = [str(one) for one in self.scene.sandbox.refused if one.error not in ANSWERS]
        assert refused == []
        if not given_up:
            await self._every_card_shows_its_state()

    def _p1_acknowledged_is_stored(self):
        stored = {row["fingerprint"]: row["alert"] for row in self.scene.rows("SELECT fingerprint, alert FROM alerts")}
        expected = {f"{kind:016x}": told for kind, told in self.newest.items()}
        kept = {fingerprint: _state(json.loads(alert)) for fingerprint, alert in stored.items()}
        assert kept == {key: (told.starts_at.isoformat(), told.is_over) for key, told in expected.items()}
        votes = {tuple(row) for row in self.scene.rows("SELECT proposal_id, version, person, choice FROM votes")}
        assert self.votes <= votes

    def _p2_one_delivery_one_row(self):
        [[count]] = self.scene.rows("SELECT count(*) FROM deliveries")
        assert count == len(self.deliveries)

    def _p3_one_running_incident_per_key(self):
        running = self.scene.rows("SELECT correlation_key FROM incidents WHERE ended_at IS NULL")
        assert [key for key, count in Counter(row[0] for row in running).items() if count > 1] == []

    def _p4_p5_each_post_has_its_effect_and_none_is_twice(self):
        ledger = self.scene.sandbox.ledger
        for done in ledger[self._ledger_seen :]:
            if done.method == "chat.postMessage":
                self._posted(done)
        self._ledger_seen = len(ledger)
        created = sum(done.method == "conversations.create" for done in ledger)
        [[asked_for]] = self.scene.rows('SELECT count(*) FROM effects WHERE deed LIKE \'%"do": "open_channel"%\'')
        assert created <= asked_for
        assert [key for key, count in Counter(run.key for run in self.scene.action.done).items() if count > 1] == []

    def _posted(self, done):
        effect_id = done.args["metadata"]["event_payload"]["id"]
        [row] = self.scene.rows("SELECT incident_id, slot, deed FROM effects WHERE id = ?", effect_id)
        is_anew = json.loads(row["deed"])["anew"]
        place = (row["incident_id"], row["slot"], done.response["channel"], done.args.get("thread_ts"))
        known = effect_id if is_anew else place
        assert known not in self.posted, f"posted twice: {tuple(row)} as {self.posted[known]} and {effect_id}"
        self.posted[known] = effect_id

    def _p6_one_decision_that_never_flips(self):
        query = (
            "SELECT json_extract(payload, '$.proposal') AS proposal, kind, payload FROM action_log"
            f" WHERE kind IN {DECISIONS}"
        )
        decisions = self.scene.rows(query)
        assert [key for key, count in Counter(row["proposal"] for row in decisions).items() if count > 1] == []
        for row in self.scene.rows("SELECT id, state, body FROM proposals"):
            state, was = State(row["state"]), self.states.get(row["id"])
            assert was in {None, state} or state in NEXT.get(was, ()), f"{row['id']} went from {was} to {state}"
            self.states[row["id"]] = state
        needed = {row["id"]: json.loads(row["body"])["needed"] for row in self.scene.rows("SELECT * FROM proposals")}
        for row in decisions:
            voters = json.loads(row["payload"])["people"]
            is_enough = row["kind"] != "proposal:approved" or len(set(voters)) >= needed[row["proposal"]]
            assert is_enough, f"{row['proposal']} was approved by {voters} alone"

    async def _p7_the_log_is_whole(self):
        [[count]] = self.scene.rows("SELECT count(*) FROM action_log")
        if count == self._log_seen:
            return
        assert count > self._log_seen
        self._log_seen = count
        async with self.scene.db.read() as db:
            assert await action_log.verify(db) == []

    def _p8_nothing_piles_up(self):
        shown = self.scene.rows(
            "SELECT incident_id, count(*) FROM proposals WHERE state = 'open' GROUP BY incident_id HAVING count(*) > 3"
        )
        assert [tuple(row) for row in shown] == []
        unsent = self.scene.rows(
            "SELECT incident_id, slot, count(*) FROM effects WHERE state = 'pending' AND sent_at IS NULL"
            " AND slot IS NOT NULL AND place IS NOT NULL GROUP BY incident_id, slot, stream HAVING count(*) > 2"
        )
        assert [tuple(row) for row in unsent] == []

    async def _every_card_shows_its_state(self):
        async with self.scene.db.read() as db:
            for incident in await incidents.running(db, "w"):
                slot = "card" if show.has_channel(incident) else "announcement"
                effect = await effects.latest(db, "w", incident.id, slot)
                assert _as_told(show.card_in(effect).incident) == _as_told(incident)
                assert self._texts_of(incident, slot) == [render(_content(effect)).text]

    def _texts_of(self, incident, slot):
        """What people read in the messages of a slot."""
        rows = self.scene.rows("SELECT channel, ts FROM messages WHERE scope = ? AND slot = ?", incident.id, slot)
        return [self.scene.sandbox.workspace.channel(row["channel"]).message(row["ts"]).text for row in rows]


def _state(alert):
    return alert["starts_at"].replace("Z", "+00:00"), alert["status"] == "resolved"


def _as_told(incident):
    return incident.model_copy(update={"channel_id": None, "thread_ts": None})


def _content(effect):
    content = effect.deed.content
    assert isinstance(content, Card | Announcement)
    return content
