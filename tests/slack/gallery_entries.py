"""Everything the bot can show, by name: made by the views themselves from the samples. `make gallery` draws it."""

from dataclasses import dataclass
from datetime import timedelta

import gallery_learning
import gallery_levels
import gallery_requests
import gallery_talk
import slack_samples as given_a
from slack_samples import NOON

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.automation import ChangeState
from incident_copilot.domain.catalog import OnCall
from incident_copilot.domain.content import (
    Announcement,
    Button,
    Digest,
    DigestEntry,
    HandedOver,
    Handover,
    Kept,
    KeptAt,
    Notice,
    Press,
    PublicUpdate,
    ReviewView,
    TaskList,
)
from incident_copilot.domain.drill import Drill, Mark
from incident_copilot.domain.evidence import EvidenceGap, EvidenceKind
from incident_copilot.domain.finding import Finding
from incident_copilot.domain.heartbeat import Heartbeat
from incident_copilot.domain.hypothesis import NOT_ENOUGH_DATA, Statement
from incident_copilot.domain.incident import Duty, Ending, Severity, Status
from incident_copilot.domain.investigation import Investigation, Judgement, Look, Opinion, Result, Spent
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.domain.noise import NoiseCount
from incident_copilot.domain.postmortem import ActionItem, External, ReviewState
from incident_copilot.domain.priority import Priority, Urgency
from incident_copilot.domain.proposal import ProposalKind, ProposalState, RejectedBefore, Risk
from incident_copilot.domain.source_health import SourceHealth
from incident_copilot.domain.task import Task
from incident_copilot.domain.team_settings import SETTINGS
from incident_copilot.pipeline.alike import Alike
from incident_copilot.pipeline.answer import Answer
from incident_copilot.pipeline.chosen import Shown as Settings
from incident_copilot.pipeline.chosen import Value
from incident_copilot.pipeline.drill_history import Past
from incident_copilot.pipeline.ending import CheckLine, RestorationCheck
from incident_copilot.pipeline.for_managers import Told
from incident_copilot.pipeline.learn_runbook import Change
from incident_copilot.pipeline.living.edit import Opened
from incident_copilot.pipeline.look_back import Changed, LookedBack
from incident_copilot.pipeline.my_work import Review, Work
from incident_copilot.pipeline.noise import Lane
from incident_copilot.pipeline.read import Waiting
from incident_copilot.pipeline.recap import InShort, Moment, Recap
from incident_copilot.slack.listeners import answering, mutes
from incident_copilot.slack.text import to_one_person
from incident_copilot.slack.views import answer, command_list, drills, handover, roles, runbook_change, task_list
from incident_copilot.slack.views import recap as recaps
from incident_copilot.slack.views.blocks import Rendered
from incident_copilot.slack.views.bridge import bridge
from incident_copilot.slack.views.brief import brief
from incident_copilot.slack.views.card import announcement, card
from incident_copilot.slack.views.doctor import findings
from incident_copilot.slack.views.home import closed, home
from incident_copilot.slack.views.kept import kept
from incident_copilot.slack.views.modals import bring_in, declare, forms, looks, postmortem, reasons, timeline
from incident_copilot.slack.views.modals.decide import decide
from incident_copilot.slack.views.modals.settings import settings
from incident_copilot.slack.views.noise import lane
from incident_copilot.slack.views.notice import digest, notice, update
from incident_copilot.slack.views.postmortem import items, review
from incident_copilot.slack.views.proposal import for_one, proposal
from incident_copilot.slack.views.waiting import waiting

BEFORE = "## Mitigation\n\n1. **Scale it out.**\n   Risk: low\n"
AFTER = "2. **Roll back payments.** It worked.\n\n## Learnt from incidents\n\n- INC-42: the pool was too small.\n"


@dataclass(frozen=True)
class Entry:
    """One thing that people can see; `made_by` is the view that made it, None where it is text alone."""

    name: str
    shown: Rendered | dict
    made_by: object = None
    only_one_sees_it: bool = False

    @property
    def surface(self):
        """message, ephemeral, modal or home."""
        if isinstance(self.shown, Rendered):
            return "ephemeral" if self.only_one_sees_it else "message"
        return self.shown["type"]

    @property
    def notification(self):
        """What a phone and a screen reader say of it."""
        return self.shown.text if isinstance(self.shown, Rendered) else self.shown.get("title", {}).get("text", "")


def entries():
    """Every entry, in the order in which people meet them."""
    return [
        *_cards(),
        *_briefs(),
        *_proposals(),
        *_notices(),
        *_reviews(),
        *_homes(),
        *_forms(),
        *_what_people_run(),
        *_looks(),
        *_talk(),
        *(Entry(*one) for one in (*gallery_talk.entries(), *gallery_learning.entries(), *gallery_levels.entries())),
        *_answers(),
    ]


def _seen(name, view, *arguments, **options):
    return Entry(name, view(*arguments, **options), view)


def _cards():
    taken = given_a.incident(status=Status.ACKNOWLEDGED, acknowledged_by="U0ANA", commander="U0BEN")
    ended = {"status": Status.RESOLVED, "ended_at": NOON, "acknowledged_by": "U0ANA", "commander": "U0BEN"}
    resolved = given_a.incident(**ended, ending=Ending.RESOLVED)
    small = given_a.incident(severity=Severity.P2, number=43, title="DiskFillsUp on search")
    unknown = given_a.incident(service=None, team=None, environment=None, score_sheet=None, links={}, test=True)
    busy = given_a.card(
        vendors=("openai: https://help.openai.com; SLA: 99.9 % a month; case 4711",),
        deadlines=("gdpr: tell the data protection authority by 2026-11-24 12:00 UTC, in 72 h",),
        joined=("checkout depends on payments, 20 s apart", "same deploy", "same rack"),
        regrouped=("INC-44 was split from it by Ana",),
        muted={"ClusterDown": 12},
        silences=("alertname=DiskFull is muted by Ben until 13:00 UTC: moving the rack",),
        source="postgres: cart, orders depend on it",
        priority=Priority(severity=Severity.P1, urgency=(Urgency(points=6, reason="nobody has acknowledged in time"),)),
    )
    yield _seen("card-open", card, given_a.card())
    yield _seen("card-acknowledged", card, given_a.card(incident=taken))
    yield _seen("card-everything-known", card, busy)
    yield _seen("card-test-nothing-known", card, given_a.card(incident=unknown, suspect=None, shadow=True))
    yield _seen("card-crowded", card, given_a.card(incident=taken, crowded=True))
    yield _seen("card-resolved", card, given_a.card(incident=resolved, firing=0, resolved=2))
    false_alarm = given_a.incident(**ended, ending=Ending.FALSE_ALARM, severity=Severity.P2)
    yield _seen("card-false-alarm", card, given_a.card(incident=false_alarm, firing=0, resolved=2, suspect=None))
    yield _seen("announcement-with-channel", announcement, Announcement(card=given_a.card()))
    yield _seen("announcement-is-the-card", announcement, Announcement(card=given_a.card(incident=small)))
    yield _seen("announcement-ended", announcement, Announcement(card=given_a.card(incident=resolved)))


def _briefs():
    unsure = given_a.hypothesis(kind=NOT_ENOUGH_DATA)
    line = Statement(text="20 % of requests fail", evidence_ids=("ev-1",))
    worded = given_a.brief(worded=(line,), struck="1 sentence of the model was struck: 42 is in no evidence it cites")
    asked = (
        EvidenceGap(source="GitHub", reason="no answer"),
        EvidenceGap(source="Loki", reason="no answer", still_asked=True),
    )
    many = tuple(Statement(text=f"fact number {n}", evidence_ids=("ev-1",)) for n in range(20))
    yield _seen("brief", brief, given_a.brief_view())
    yield _seen(
        "brief-while-sources-answer", brief, given_a.brief_view(given_a.brief(gaps=asked, news="Tempo answered."))
    )
    yield _seen(
        "brief-without-a-cause",
        brief,
        given_a.brief_view(given_a.brief(hypotheses=(unsure,), first_step=None, gaps=())),
    )
    yield _seen("brief-of-an-ai-system", brief, given_a.brief_view(given_a.brief(phases=given_a.phases())))
    yield _seen("brief-worded-by-a-model", brief, given_a.brief_view(worded))
    yield _seen("brief-with-too-much-to-say", brief, given_a.brief_view(given_a.brief(lines=many)))


def _proposals():
    def put(name, shown, **more):
        return _seen(f"proposal-{name}", proposal, given_a.proposal_view(shown, **more))

    decided = {"decided_by": "U0ANA", "decided_at": NOON}
    check = given_a.proposal(
        kind=ProposalKind.CHECK,
        title="Look at the pool",
        body="It may be exhausted.",
        risk=Risk.LOW,
        shown={"step": "Look at the pool", "commands": ["kubectl get pods", "psql"], "runbook": "pool-exhausted"},
        evidence_ids=(),
    )
    end = given_a.proposal(
        kind=ProposalKind.RESOLVE,
        title="Resolve INC-42",
        body="All 2 alerts have resolved. The metric is checked before the incident ends.",
        shown={},
        risk=Risk.LOW,
        evidence_ids=(),
    )
    merge = given_a.proposal(
        kind=ProposalKind.MERGE,
        title="Merge INC-43 into INC-42",
        body="They may be one: checkout depends on payments, 40 s apart.",
        risk=Risk.LOW,
        shown={},
        evidence_ids=(),
    )
    yield put("action", given_a.proposal())
    before = RejectedBefore(proposal_id="p", label="INC-41", at=given_a.NOON, reason="The migration cannot be undone.")
    yield put("action-rejected-before", given_a.proposal(rejected_before=before))
    yield put("action-high-risk-one-vote", given_a.proposal(risk=Risk.HIGH, needed=2), votes=("U0ANA",))
    yield put("update", given_a.update())
    yield put("update-internal", given_a.update(shown={"audience": "internal", "text": "Led by <@U0BEN>."}))
    yield put("check", check)
    yield put("resolve", end)
    yield put("merge", merge)
    for state, more in (
        (ProposalState.WAITING, {}),
        (ProposalState.APPROVED, decided),
        (ProposalState.CARRIED_OUT, decided | {"outcome": "v2.30.4 is live."}),
        (ProposalState.FAILED, decided | {"outcome": "GitHub: HTTP 422, the ref does not exist."}),
        (ProposalState.UNKNOWN, decided | {"outcome": "No answer. Please look whether v2.30.4 is live."}),
        (ProposalState.REJECTED, decided),
        (ProposalState.EXPIRED, {"outcome": "nobody decided in time"}),
        (ProposalState.SUPERSEDED, {"outcome": "a newer draft took its place", "decided_at": NOON}),
    ):
        yield put(f"is-{state.value.replace('_', '-')}", given_a.proposal(state=state, **more))
    reasoned = decided | {"state": ProposalState.REJECTED, "reason": "Too risky right now: the queue drains"}
    yield put("is-rejected-with-reason", given_a.proposal(**reasoned))
    asked = "This is exactly what your click decides."
    yield Entry("answer-approve", for_one(given_a.proposal_view(), asked), for_one, only_one_sees_it=True)
    done = given_a.proposal_view(given_a.proposal(state=ProposalState.APPROVED, **decided))
    yield Entry("answer-approved", for_one(done, "Approved."), for_one, only_one_sees_it=True)
    yield _seen("form-decide", decide, given_a.proposal_view())
    yield _seen("form-decided", decide, done, "Approved.")
    found = [Waiting(incident=given_a.incident(), number=n, proposal=given_a.proposal()) for n in range(1, 23)]
    yield Entry("answer-proposals", waiting(found), waiting, only_one_sees_it=True)
    yield Entry("answer-no-proposals", waiting([]), waiting, only_one_sees_it=True)
    yield put("check-is-done", check.model_copy(update=decided | {"state": ProposalState.DONE}))


def _notices():
    incident = given_a.incident()
    ack = Button(press=Press.ACKNOWLEDGE, label="Acknowledge", value=incident.id, style="primary")
    settle = (
        Button(press=Press.WORKED, label="It worked", value="1"),
        Button(press=Press.DID_NOT, label="It did not", value="1"),
    )
    helped = (
        Button(press=Press.HELPED, label="It helped", value="1"),
        Button(press=Press.NO_HELP, label="It did not help", value="1"),
    )
    stop = (Button(press=Press.STOP_MODEL, label="Stop", value="1"),)
    why = (Button(press=Press.REASONING, label="Why", value="1"),)
    after = (
        Button(press=Press.REOPEN, label="Reopen", value=incident.id),
        Button(press=Press.POSTMORTEM, label="Write postmortem", value=incident.id),
    )
    for name, shown in {
        "page": Notice(
            text="P1 high: HighErrorRate on checkout. You are on call.", mentions=("U0ANA",), buttons=(ack,)
        ),
        "outcome-unknown": Notice(
            text="No answer came from GitHub. Did it happen?", mentions=("U0ANA",), buttons=settle
        ),
        "model-at-work": Notice(text="The model tests the causes: step 3 of 12.", buttons=stop),
        "model-found": Notice(text="The model agrees with the computed order.", buttons=why),
        "ended": Notice(text="INC-42 resolved by Ana after 12 min.", detail="Pool back at 20.", buttons=after),
        "moved": Notice(text="INC-42 goes on in this thread: its channel is gone (is_archived)."),
        "verified": Notice(text="Roll back payments to v2.30.4. It helped: the error rate is back at 0.4 %."),
        "evidence-kept": Notice(
            text="The evidence of INC-42 is kept. Snapshot 1: 9 files, 14 kB, as of 12:00:02 UTC.",
            detail="Taken because it opened. SHA-256 0193aaaaaaaaaaaa.",
            buttons=(Button(press=Press.SNAPSHOT, label="Keep it as it is now", value=incident.id),),
        ),
        "not-verified": Notice(
            text="Roll back payments to v2.30.4. Whether it helped could not be checked: 40 cases since, about 330 are "
            "needed. Please look, and say.",
            mentions=("U0ANA",),
            buttons=helped,
        ),
        "back": Notice(
            text="Slack did not answer for 4 min. Meanwhile, 2 things:",
            detail="12:01 INC-42 opened\n12:03 INC-42 resolved",
        ),
    }.items():
        yield _seen(f"notice-{name}", notice, shown)
    entry = {"fingerprint": "f1", "name": "DiskFillsUp", "service": "search", "summary": "80 % full", "since": NOON}
    entries = (DigestEntry(**entry, count=3), DigestEntry(**entry | {"name": "CertExpires", "service": None}, count=1))
    yield _seen("digest", digest, Digest(entries=entries, more=2, hour=NOON))
    said = {"incident": incident, "approved_by": "U0CARA", "text": "Some payments fail: https://status.example/"}
    yield _seen("update-for-customers", update, PublicUpdate(audience="customers", **said))
    yield _seen("update-for-colleagues", update, PublicUpdate(audience="internal", **said))


def _reviews():
    """The postmortem as it goes on: message, forms, action items."""
    incident = given_a.incident()
    told = {"summary": ("It failed for 12 minutes.", "A pool was too small."), "action_items": ("Alert on pool waits",)}
    draft = ReviewView(
        incident=incident, link="http://127.0.0.1:8420/p/42", missing=("nobody owns the review",), **told
    )
    yield _seen("review", review, draft)
    asked = draft.model_copy(update={"state": ReviewState.IN_REVIEW, "owner": "U0BEN", "approved_by": ("U0ANA",)})
    yield _seen("review-approved", review, asked.model_copy(update={"missing": ()}))
    yield _seen("review-published", review, asked.model_copy(update={"state": ReviewState.PUBLISHED, "missing": ()}))
    elsewhere = External(system="github", key="shop/web#7", url="https://github.example/7", state="open")
    item = ActionItem(text="Alert on pool waits", kind="detect", owner="payments", number=1, due=NOON.date())
    theirs = item.model_copy(update={"number": 2, "assignee": "U0BEN", "external": elsewhere})
    over = item.model_copy(update={"number": 3, "done_by": "U0CARA", "done_at": NOON})
    yield _seen("action-items", items, incident, (item, theirs, over))
    opened = Opened(incident, "impact", "Impact", "- It lasted 12 min. [log:12]", 3)
    yield _seen("form-section-pick", postmortem.pick, incident.id, incident.label, {"impact": "Impact"})
    yield _seen("form-section", postmortem.section, opened, opened.text)
    blamed = ['"Ben forgot the limit." (forgot): Say what was not there to remind of it or to stop it.']
    yield _seen("form-section-blames", postmortem.section, opened, "- Ben forgot the limit.", warned=blamed)
    yield _seen("form-section-newer", postmortem.section, opened, "- Mine.", theirs="- It lasted 11 min. [log:12]")
    yield _seen("form-action-item", postmortem.item, incident)
    name = "pull requests of acme/postmortems"
    fix = "GitHub: the token may only read acme/postmortems; let it write contents"
    places = (
        KeptAt(name=name, link="https://github.com/acme/postmortems/pull/7", is_there=True),
        KeptAt(name="Confluence space OPS"),
        KeptAt(name="folder /srv/postmortems", is_there=True),
    )
    again = Button(press=Press.PUBLISH, label="Publish again", value=incident.id)
    yield _seen("published", kept, Kept(what="Postmortem of INC-42", places=places, again=again))
    refused = KeptAt(name=name, problem=fix)
    yield _seen("published-nowhere", kept, Kept(what="Postmortem of INC-42", places=(refused,), again=again))
    change = Change("INC-42", "pool.md", "What INC-42 taught the runbook pool", BEFORE, f"{BEFORE}\n{AFTER}")
    yield _seen("runbook-change", runbook_change.change, incident.id, change)
    missing = Button(press=Press.TICKETS, label="Open missing tickets", value=incident.id)
    opened_there = (
        KeptAt(
            name="1 Alert on pool waits (OPS-24, open)", link="https://acme.atlassian.net/browse/OPS-24", is_there=True
        ),
        KeptAt(name="2 Raise the limit", problem="It could not be opened."),
    )
    yield _seen("tickets", kept, Kept(what="Tickets of the action items of INC-42", places=opened_there, again=missing))


def _homes():
    incident = given_a.incident()
    ranked = Priority(severity=Severity.P1, urgency=(Urgency(points=3, reason="nobody has acknowledged"),))
    alert = Alert(source="s", fingerprint="f", name="Watchdog", status=AlertStatus.FIRING, starts_at=NOON)
    beat = Heartbeat.first("alertmanager", alert, NOON).model_copy(update={"usual_s": 300.0, "silent_since": NOON})
    sources = (
        SourceHealth(source="alertmanager", last_at=NOON, lag_s=12.4, heartbeats=(beat,)),
        SourceHealth(source="grafana", last_at=NOON, not_understood=3),
        SourceHealth(source="zabbix"),
    )
    taken = given_a.incident(number=43, title="DiskFillsUp on search", acknowledged_by="U0ANA", channel_id=None)
    running = [(incident, [given_a.proposal(), given_a.update()]), (taken, [])]
    yield _seen("home-calm", home, [], sources)
    yield _seen("home-busy", home, running, sources, {incident.id: ranked})
    mine = Work(
        levels=(gallery_levels.change(ChangeState.ASKED),),
        parts=((incident, "you lead it"),),
        decisions=((incident, given_a.proposal()),),
        reviews=(Review(incident, is_written=True, state=ReviewState.IN_REVIEW, owner="U0BEN"),),
        items=(("INC-41", ActionItem(text="Alert on pool waits", kind="detect", number=2, due=NOON.date())),),
        on_call=(("payments", OnCall(primary="U0ANA", secondary="U0BEN")),),
    )
    yield _seen("home-my-work", home, running, sources, work=mine, page_url="https://copilot.example")
    yield _seen("home-closed", closed)
    yield _seen("home-more-than-fits", home, [(incident, [])] * 25)


def _forms():
    incident = given_a.incident()
    green = RestorationCheck(lines=(CheckLine(text="all 2 alerts have resolved", ok=True),))
    red = RestorationCheck(
        lines=(CheckLine(text="1 of 2 alerts still firing", ok=False), CheckLine(text="the error rate", ok=None))
    )
    yield _seen("form-edit-update", forms.edit_update, given_a.update())
    yield _seen("form-correct-update", forms.correct_update, given_a.update())
    yield _seen("form-break-glass", forms.break_glass, given_a.proposal())
    yield _seen("form-reason", forms.reason, given_a.PROPOSAL_ID, "Roll back payments to v2.30.4")
    yield _seen("form-resolve-restored", forms.resolve, incident, green)
    yield _seen("form-resolve-over-red", forms.resolve, incident, red, "It is red again: 1 alert fires.")
    yield _seen("form-split", forms.split, incident, {"HighErrorRate on checkout": 3, "DiskFillsUp on search": 1})
    yield _seen("form-settings", settings, _settings(""))
    yield _seen("form-settings-of-a-team", settings, _settings("payments"))
    yield _seen("form-severity", forms.severity, incident)
    yield _seen("form-assign", roles.form, incident)
    some = given_a.incident(commander="U0BEN", duties={Duty.SCRIBE: "U0ANA"})
    yield Entry(
        "answer-roles", roles.roles(some, "Nobody is the comms lead of INC-42 now."), roles.roles, only_one_sees_it=True
    )


def _settings(team):
    started = ".env, catalog.yaml or default"
    values = {name: Value(one.hint, started) for name, one in SETTINGS.items() if one.is_for_teams or not team}
    values["posts_per_hour"] = Value(5, "set in Slack by <@U0BEN> on 2026-11-21")
    return Settings(team, values, {"posts_per_hour": 5}, ("payments", "shop"))


def _what_people_run():
    """Declaring, roles, tasks and the timeline."""
    incident, services = given_a.incident(), ("checkout", "payments")
    said = "Payments answers 500\nsince the deploy of v2.31.0"
    given = {"title": "checkout is down", "severity": "P1", "service": "checkout", "flags": "private"}
    found = [Alike(incident=incident, reason="same service checkout")]
    task = Task(
        workspace_id="w", incident_id=incident.id, number=1, text="Restart the pods", added_by="U0ANA", added_at=NOON
    )
    taken = task.model_copy(update={"number": 2, "text": "Call the provider", "assignee": "U0BEN"})
    done = task.model_copy(update={"number": 3, "text": "Tell support", "done_by": "U0CARA", "done_at": NOON})
    entry = TimelineEntry(
        id="a" * 32, incident_id=incident.id, at=NOON, kind=TimelineKind.PINNED, text="The pool is full", author="U0DEV"
    )
    roles = given_a.incident(commander="U0BEN", duties={Duty.COMMS: "U0CARA", Duty.SCRIBE: "U0ANA"})
    yield _seen("form-declare", declare.declare, services, "checkout is down")
    yield _seen("form-declare-from-message", declare.declare, services, "Payments answers 500", said=said)
    yield _seen("form-declare-looks-like", declare.looks_like, services, given, found, "")
    yield _seen("card-roles-and-tasks", card, given_a.card(incident=roles, tasks_open=2, tasks_done=1))
    yield _seen("card-test", card, given_a.card(incident=given_a.incident(test=True, related=("INC-41",))))
    yield _seen("tasks", task_list.listed, TaskList(incident=incident, tasks=(task, taken, done)))
    yield _seen("tasks-none", task_list.listed, TaskList(incident=incident))
    passed = HandedOver(incident=roles, duties=("commander",), tasks=(taken,), waiting=("Roll back payments",))
    elsewhere = HandedOver(incident=given_a.incident(number=43, title="DiskFillsUp on search", channel_id=None))
    told = Handover(by="U0ANA", note="Watch the pool.", incidents=(passed, elsewhere))
    yield _seen("handover", handover.handed_over, told)
    yield _seen("handover-calm", handover.handed_over, Handover(by="U0ANA"))
    yield _seen("form-handover", handover.form)
    yield _seen("form-task", task_list.form, incident)
    yield _seen("form-note", bring_in.note, incident)
    yield _seen("form-bring-in", bring_in.bring_in, incident, ["payments", "search"])
    yield _seen("timeline", timeline.put_there, incident, [entry])
    yield _seen("timeline-empty", timeline.put_there, incident, [])
    yield _seen("form-correct", timeline.correct, entry)
    yield _seen("form-keep-message", timeline.which, [incident], "")


def _looks():
    shown = given_a.brief_view()
    yield _seen("evidence-metric", looks.evidence, given_a.evidence(), "F0CHART")
    for kind, data in (
        (EvidenceKind.LOG, {"lines": [[n, f"QueuePool limit of size 4 overflow {n}"] for n in range(15)]}),
        (
            EvidenceKind.CHANGE,
            {
                "service": "payments",
                "version": "v2.31.0",
                "previous": "v2.30.4",
                "author": "dev",
                "at": 1795262400,
                "diff": "-pool_size: 20\n+pool_size: 4",
            },
        ),
        (EvidenceKind.RUNBOOK, {"steps": ["Look at the pool", "Roll back"]}),
        (EvidenceKind.STATUS_PAGE, {"provider": "openai", "state": "degraded", "since": 1795262400}),
    ):
        yield _seen(f"evidence-{kind.value.replace('_', '-')}", looks.evidence, given_a.evidence(kind=kind, data=data))
    yield _seen("causes", looks.alternatives, shown)
    by_phase = given_a.brief_view(given_a.brief(phases=given_a.phases()))
    yield _seen("causes-by-phase", looks.alternatives, by_phase)
    yield _seen("causes-none", looks.alternatives, given_a.brief_view(given_a.brief(hypotheses=(), lines=())))
    for name, view, shown_here in gallery_requests.request_entries():
        yield _seen(name, view, *shown_here)
    yield _seen("score", looks.score, given_a.incident(severity=Severity.P0), given_a.sheet())
    yield _seen("said", looks.said, "Declared", "INC-42 is open: #inc-42-checkout.")
    yield _seen("model-reasons", reasons.reasons, _investigated())


def _talk():
    incident, url = given_a.incident(), "https://acme.slack.com/"
    moments = tuple(Moment(at=NOON, text=f"message {n}", ref=f"C1:{n}.1", pinned=n == 1) for n in range(1, 4))
    recap = recaps.recap(
        Recap(
            incident=incident,
            since=NOON - timedelta(hours=1),
            state=("INC-42: P1 high, acknowledged, for 12 min.",),
            cause="Likely cause: payments v2.31.0",
            for_you=("You lead it.",),
            done=moments[:1],
            left_out=2,
            said=moments,
            messages=moments * 4,
        ),
        url,
    )
    short = InShort(incident=incident, sentences=(("Ben rolls back.", ("C1:1.1",)),), note="142 of 310 messages used")
    change = {"before": "40 s", "service": "payments", "is_near": True, "evidence_id": "ev-1"}
    back = LookedBack(
        incident=incident,
        changes=(Changed(at=NOON, text="v2.30.4 to v2.31.0", link="https://git.example/1", **change),),
        left_out=2,
        gaps=(EvidenceGap(source="GitHub", reason="no answer"),),
    )
    told = Told(
        incident=incident,
        impact=("About 20 % of orders fail.",),
        expectation=("A rollback waits for approval.",),
        resources=("Two people work on it.",),
    )
    found = [
        Finding("database", True, "its tables are those of this release"),
        Finding("channel #incidents", False, "there is none that the copilot can see", "Create it."),
    ]
    about = Answer("INC-42: what is broken", notes=("No model is connected.",), id="f" * 32)
    for name, shown, by in (
        ("catchup", recap, recaps.recap),
        ("catchup-in-short", recaps.in_short(short, url), recaps.in_short),
        ("before", recaps.looked_back(back), recaps.looked_back),
        ("summary-managers", recaps.for_managers(told), recaps.for_managers),
        ("doctor", findings(found), findings),
    ):
        yield Entry(f"answer-{name}", shown, by, only_one_sees_it=True)
    yield Entry("answer-in-thread", Rendered(about.heading, [*answer.blocks(about, url), *answer.judged(about)]))


def _answers():
    counted = NoiseCount(
        name="DiskFillsUp",
        service="search",
        fingerprint="f1",
        times=40,
        first_at=NOON - timedelta(days=3),
        last_at=NOON,
        why="the catalogue says so",
    )
    rules = "noise:\n  - alertname: DiskFillsUp"
    yield Entry(
        "answer-noise",
        lane(Lane(counted=(counted,), rules=rules, advice=(gallery_learning.QUIETER,))),
        lane,
        only_one_sees_it=True,
    )
    yield Entry("answer-no-noise", lane(Lane(counted=(), rules="")), lane, only_one_sees_it=True)
    shown = card(given_a.card())
    yield Entry("answer-status", shown, card, only_one_sees_it=True)
    for name, links in (("bridge", {"bridge": "https://meet.example/inc-42"}), ("no-bridge", {})):
        call = bridge(given_a.incident(links=links))
        yield Entry(f"answer-{name}", call, bridge, only_one_sees_it=True)
    yield Entry("answer-help", command_list.whole(), command_list.whole, only_one_sees_it=True)
    yield Entry("answer-help-decide", command_list.about("decide"), command_list.about, only_one_sees_it=True)
    yield Entry("answer-here", command_list.here("INC-42"), command_list.here, only_one_sees_it=True)
    yield Entry("answer-past-drills", drills.history(_past_drills()), drills.history, only_one_sees_it=True)
    for name, text in {
        "gone": answering.GONE,
        "not-recorded": answering.NOT_RECORDED,
        "form-not-opened": answering.NOT_OPENED,
        "mute-usage": mutes.USAGE,
        "decided-already": to_one_person("This proposal was approved by <@U0ANA> 3 min ago. Nothing else happened."),
        "vote-counts": "Your approval counts. One more person is needed.",
        "which-incident": "Which one? Add its number: INC-42, INC-43.",
    }.items():
        yield Entry(f"answer-{name}", Rendered(text), only_one_sees_it=True)


def _past_drills():
    marks = (
        Mark(name="acknowledged", text="acknowledged after 4 min (30 min allowed)", ok=True, took_s=240),
        Mark(name="updates", text="0 updates, 1 late (every 1 h)", ok=False),
        Mark(text="It was payments v2.31.0, one hop away"),
    )
    drill = Drill(
        id="d" * 32,
        workspace_id="w",
        key="k",
        scenario="bad_deploy",
        text="",
        started_by="U0BEN",
        started_at=NOON,
        marks=marks,
    )
    trend = "Against no_change on 2026-10-20 (1 of 2 as it should be): acknowledged 6 min sooner."
    return [Past(drill, "INC-40 [TEST]", trend)]


def _investigated():
    causes = (given_a.hypothesis(), given_a.hypothesis(cause="the pool of checkout is full", confidence=0.4))
    opinion = Opinion(
        specialist="database",
        judgements=(
            Judgement(hypothesis="H2", confidence=0.6, evidence=("E1",), because="The pool is at 20 of 20."),
            Judgement(hypothesis="H1", confidence=0.2, against=("E2",)),
        ),
        struck=("42 is in no evidence that it cites",),
        claims=5,
    )
    order = Result(order=("H2", "H1"), confidence={"H1": 0.2, "H2": 0.6}, above="H1", evidence=("E1",), next_step="A1")
    return Investigation(
        id="a" * 32,
        workspace_id="w",
        incident_id=given_a.INCIDENT_ID,
        began_at=NOON,
        plan=("database", "change"),
        hypotheses=causes,
        labels={"E1": "ev-1", "E2": "ev-2"},
        steps={"A1": "Roll back payments"},
        looks=(
            Look(specialist="database", request_id="1", tool="read_metric", arguments={"metric": "E1"}, result="20"),
        ),
        opinions=(opinion,),
        spent=Spent(steps=3, tokens=4200, usd=0.02, seconds=9),
        why="the evidence separates the causes",
        result=order,
    )
