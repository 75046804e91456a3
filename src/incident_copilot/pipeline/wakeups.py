"""The jobs that steps leave for one another: kind, key and lane of each, in one place."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any

from incident_copilot.domain.page import PageHeard
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import jobs
from incident_copilot.store.db import Tx


class Work(StrEnum):
    """Every kind of job."""

    CORRELATE = "correlate"
    GATHER = "gather_context"
    LATE = "gather_late"
    REMIND = "remind"
    QUIET = "end_quiet"
    VERIFY = "verify"
    REVIEW = "review"
    LAST_UPDATE = "last_update"
    OBSERVE = "observe"
    DIGEST = "digest"
    EXPIRE = "expire"
    WORD = "word_brief"
    INVESTIGATE = "investigate_by_model"
    WITHOUT_CHAT = "go_without_chat"
    RECOUNT = "recount"
    END_MUTE = "end_mute"
    SILENCES = "read_silences"
    WATCH = "watch"
    ARCHIVE = "archive_channels"
    DRILL = "play_drill"
    SCORE = "score_drill"
    DRILL_DUE = "drill_due"
    NEXT_UPDATE = "next_update"
    WORD_UPDATE = "word_update"
    CONTRADICTIONS = "contradictions"
    STALE = "stale"
    WATCH_OVER = "watch_over"
    READ_BACK = "read_back"
    FOLLOW_UP = "follow_up"
    DUTIES = "read_duties"
    ESCALATE = "escalate"
    PAGE_HEARD = "hear_page"
    SEAL = "seal_log"
    CUT_OFF = "end_cut_off_answers"
    CANVAS = "keep_canvas"
    WEEKLY = "weekly_digest"
    REVISE = "revise_postmortem"
    PUBLISH = "publish_postmortem"
    POSTMORTEM_DUE = "postmortem_due"
    CHASE = "chase_action_items"
    DEADLINE = "deadline"
    CUT = "cut_log"
    TICKETS = "look_at_tickets"
    MONITOR = "look_at_systems"
    SCORE_INTERACTIONS = "score_interactions"
    AI_REPORT = "report_ai_health"
    JUDGE = "judge_interactions"
    LEVELS = "look_at_levels"
    SNAPSHOT = "keep_evidence"


async def correlate(tx: Tx, deps: Deps, at: datetime) -> None:
    """Have waiting alerts placed."""
    lane = f"correlate:{deps.workspace_id}"
    await _have(tx, deps, Work.CORRELATE, lane, at, payload={}, priority=1)


async def gather(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have context gathered and the brief written or refreshed."""
    await _for_incident(tx, deps, Work.GATHER, incident_id, at, priority=2)


async def gather_late(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have slow sources waited for; in a lane of its own, so that nothing else of the incident waits with it."""
    await _for_incident(tx, deps, Work.LATE, incident_id, at, lane="late")


async def recount(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have the numbers on the card brought up to date."""
    await _for_incident(tx, deps, Work.RECOUNT, incident_id, at)


async def remind(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Call the secondary when nobody has acknowledged by then."""
    await _for_incident(tx, deps, Work.REMIND, incident_id, at)


async def deadline(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Remind whoever has to tell an authority."""
    await _for_incident(tx, deps, Work.DEADLINE, incident_id, at)


async def escalate(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Look whether somebody else has to be called."""
    await _for_incident(tx, deps, Work.ESCALATE, incident_id, at)


async def cut_off(tx: Tx, deps: Deps, at: datetime) -> None:
    """End the answers that were cut off."""
    await _have(tx, deps, Work.CUT_OFF, Work.CUT_OFF, at)


async def canvas(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have the canvas of an incident's channel brought up to date, once for all that changes until then."""
    await _for_incident(tx, deps, Work.CANVAS, incident_id, at)


async def next_update(tx: Tx, deps: Deps, incident_id: str, *, due: datetime, reminders: int, at: datetime) -> None:
    """Remind who sends updates of the one that is due then; it was said `reminders` times before."""
    await _have(
        tx,
        deps,
        Work.NEXT_UPDATE,
        f"{Work.NEXT_UPDATE}:{incident_id}",
        at,
        lane=f"incident:{incident_id}",
        payload={"incident_id": incident_id, "due": due.isoformat(), "reminders": reminders},
    )


async def hear_page(tx: Tx, deps: Deps, heard: PageHeard) -> None:
    """Have what people did to a page at the paging service done here too."""
    key = f"{Work.PAGE_HEARD}:{heard.key}:{heard.event}"[:200]
    lane = f"{Work.PAGE_HEARD}:{heard.key}"[:120]
    payload = heard.model_dump()
    await _have(tx, deps, Work.PAGE_HEARD, key, deps.now(), lane=lane, payload=payload, priority=2)


async def contradictions(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have what is told outside compared with what is known; pages are asked, so nothing else waits with it."""
    await _for_incident(tx, deps, Work.CONTRADICTIONS, incident_id, at, lane="pages")


async def end_quiet(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """End the incident as self-recovered if it is still quiet and untouched then."""
    await _for_incident(tx, deps, Work.QUIET, incident_id, at)


async def verify(tx: Tx, deps: Deps, incident_id: str, proposal_id: str, *, at: datetime, until: datetime) -> None:
    """Look whether an action that was carried out helped."""
    await _for_proposal(tx, deps, Work.VERIFY, incident_id, proposal_id, at=at, until=until)


async def watch_over(tx: Tx, deps: Deps, incident_id: str, proposal_id: str, *, at: datetime, until: datetime) -> None:
    """Look whether what an action mended stays so."""
    await _for_proposal(tx, deps, Work.WATCH_OVER, incident_id, proposal_id, at=at, until=until)


async def read_back(tx: Tx, deps: Deps, incident_id: str, proposal_id: str, *, at: datetime, until: datetime) -> None:
    """Look whether the target of an action is as it should be after it."""
    await _for_proposal(tx, deps, Work.READ_BACK, incident_id, proposal_id, at=at, until=until)


async def follow_up(tx: Tx, deps: Deps, incident_id: str, proposal_id: str, *, at: datetime) -> None:
    """Have what comes after an action that worked put to people."""
    await _for_proposal(tx, deps, Work.FOLLOW_UP, incident_id, proposal_id, at=at, until=at)


async def review(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have the postmortem written."""
    await _for_incident(tx, deps, Work.REVIEW, incident_id, at)


async def revise(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have the postmortem written anew from what is held, after somebody changed it."""
    await _for_incident(tx, deps, Work.REVISE, incident_id, at)


async def publish(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have a published postmortem brought to where it is read; after it was written anew, in the same lane."""
    await _for_incident(tx, deps, Work.PUBLISH, incident_id, at, priority=6)


async def postmortem_due(tx: Tx, deps: Deps, incident_id: str, stage: str, *, count: int, at: datetime) -> None:
    """Have people reminded of a stage of the review; it was done `count` times before."""
    await _have(
        tx,
        deps,
        Work.POSTMORTEM_DUE,
        f"{Work.POSTMORTEM_DUE}:{stage}:{incident_id}",
        at,
        lane=f"incident:{incident_id}",
        payload={"incident_id": incident_id, "stage": stage, "count": count},
    )


async def chase(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have those reminded who have open action items."""
    await _for_incident(tx, deps, Work.CHASE, incident_id, at)


async def last_update(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have the update drafted that says it works again."""
    await _for_incident(tx, deps, Work.LAST_UPDATE, incident_id, at)


async def expire(tx: Tx, deps: Deps, incident_id: str, proposal_id: str, at: datetime) -> None:
    """Close a proposal that nobody decided."""
    await _have(
        tx,
        deps,
        Work.EXPIRE,
        f"expire:{proposal_id}",
        at,
        lane=f"incident:{incident_id}",
        payload={"proposal_id": proposal_id},
    )


async def end_mute(tx: Tx, deps: Deps, number: int, at: datetime) -> None:
    """Have a mute ended when its time is over."""
    key = f"{Work.END_MUTE}:{deps.workspace_id}:{number}"
    payload = {"number": number}
    await _have(tx, deps, Work.END_MUTE, key, at, payload=payload)


async def observe(tx: Tx, deps: Deps, event_id: str, channel: str, at: datetime) -> None:
    """Take in an event of the chat that was stored under its id."""
    await _have(
        tx, deps, Work.OBSERVE, f"observe:{event_id}", at, lane=f"observe:{channel}", payload={"event_id": event_id}
    )


async def word_brief(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have the model word the brief; in a lane of its own, so that a hung model holds up nothing."""
    await _for_incident(tx, deps, Work.WORD, incident_id, at, lane="model")


async def word_update(tx: Tx, deps: Deps, incident_id: str, proposal_id: str, at: datetime) -> None:
    """Have the model word a draft; in the lane of the model, so that a hung one holds up nothing."""
    await _have(
        tx,
        deps,
        Work.WORD_UPDATE,
        f"{Work.WORD_UPDATE}:{proposal_id}",
        at,
        lane=f"model:{incident_id}",
        payload={"proposal_id": proposal_id},
    )


async def investigate(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have the model begin to test the brief's causes, or do its next step; the wording of the brief goes first."""
    await _for_incident(tx, deps, Work.INVESTIGATE, incident_id, at, priority=6, lane="model")


async def without_chat(tx: Tx, deps: Deps, at: datetime) -> None:
    """Have people reached by e-mail if the chat is still away then."""
    lane = f"{Work.WITHOUT_CHAT}:{deps.workspace_id}"
    await _have(tx, deps, Work.WITHOUT_CHAT, lane, at, priority=1)


async def watch(tx: Tx, deps: Deps, at: datetime) -> None:
    """Have the watchdogs looked at before the next tick."""
    key, lane = f"{Work.WATCH}:{deps.workspace_id}", f"tick:{Work.WATCH}"
    await _have(tx, deps, Work.WATCH, key, at, lane=lane, priority=1)


async def look_at_system(tx: Tx, deps: Deps, system: str, at: datetime) -> None:
    """Have the monitors look at one AI system before the next tick."""
    key, lane = f"{Work.MONITOR}:{deps.workspace_id}:{system}", f"tick:{Work.MONITOR}"
    payload = {"system": system}
    await _have(tx, deps, Work.MONITOR, key, at, lane=lane, payload=payload, priority=1)


async def score_interactions(tx: Tx, deps: Deps, system: str, key: str) -> None:
    """Have the interactions of a delivery scored; one delivery of a system after the other."""
    kind = Work.SCORE_INTERACTIONS
    await _have(
        tx,
        deps,
        kind,
        f"{kind}:{system}:{hashlib.sha256(key.encode()).hexdigest()[:32]}",
        deps.now(),
        lane=f"{kind}:{system}"[:120],
        payload={"source": system, "key": key},
        priority=7,
    )


async def snapshot(tx: Tx, deps: Deps, incident_id: str, because: str, at: datetime) -> None:
    """Have the evidence of an incident kept as it is then; in a lane of its own, so that nothing waits with it."""
    key = f"{Work.SNAPSHOT}:{incident_id}:{because}"[:200]
    lane, payload = f"{Work.SNAPSHOT}:{incident_id}", {"incident_id": incident_id, "because": because}
    await _have(tx, deps, Work.SNAPSHOT, key, at, lane=lane, payload=payload)


async def drill(tx: Tx, deps: Deps, drill_id: str, at: datetime) -> None:
    """Have it looked what the world of a drill has to say."""
    key, payload = f"{Work.DRILL}:{drill_id}", {"drill_id": drill_id}
    await _have(tx, deps, Work.DRILL, key, at, payload=payload)


async def score(tx: Tx, deps: Deps, incident_id: str, at: datetime) -> None:
    """Have a drill scored whose incident has ended."""
    await _for_incident(tx, deps, Work.SCORE, incident_id, at)


async def cancel(tx: Tx, deps: Deps, work: Work, subject_id: str) -> None:
    """Take a waiting job back."""
    await jobs.cancel(tx, deps.workspace_id, f"{work}:{subject_id}")


async def _have(
    tx: Tx,
    deps: Deps,
    work: Work,
    key: str,
    at: datetime,
    *,
    lane: str | None = None,
    payload: dict[str, Any] | None = None,
    priority: int = 5,
) -> None:
    """Have one piece of work done then, in a lane of its own where none is named."""
    await jobs.enqueue(
        tx,
        workspace_id=deps.workspace_id,
        kind=work,
        key=key,
        lane=lane or key,
        payload=payload,
        run_at=at,
        priority=priority,
    )


async def _for_proposal(
    tx: Tx, deps: Deps, work: Work, incident_id: str, proposal_id: str, *, at: datetime, until: datetime
) -> None:
    payload = {"incident_id": incident_id, "proposal_id": proposal_id, "until": until.isoformat()}
    key = f"{work}:{proposal_id}"
    await _have(tx, deps, work, key, at, payload=payload)


async def _for_incident(
    tx: Tx, deps: Deps, work: Work, incident_id: str, at: datetime, priority: int = 5, lane: str = "incident"
) -> None:
    await _have(
        tx,
        deps,
        work,
        f"{work}:{incident_id}",
        at,
        lane=f"{lane}:{incident_id}",
        payload={"incident_id": incident_id},
        priority=priority,
    )
