"""What an investigation says of evidence that is thin, odd or missing; the worlds are in test_scenarios_conclude."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.evidence import ContextBundle, EvidenceGap, EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import ProposalKind, ProposalState
from incident_copilot.pipeline import ledger
from incident_copilot.pipeline.investigate import investigate, rollback_key
from incident_copilot.pipeline.investigating.kept import kept
from incident_copilot.pipeline.investigating.known import RAN_OUT, runbooks_for_alerts, runbooks_for_cause
from incident_copilot.pipeline.investigating.past import Past, past_of
from incident_copilot.store import evidence as kept_evidence
from incident_copilot.store import proposals

from .samples import NOON, alert, change, evidence, incident, points, proposal

ONSET = NOON - timedelta(seconds=180)
POOL_DIFF = "+++ b/config/database.yml\n-  pool_size: 20\n+  pool_size: 4\n"
POOL_LIMIT = "ERROR QueuePool limit of size 4 overflow 0 reached, connection timed out"


class Changes:
    """A source of changes that is asked elsewhere."""

    name, finds = "GitHub", frozenset({EvidenceKind.CHANGE})


@pytest.fixture
def looking(deps):
    """A catalogue with checkout and payments, and a source of changes."""
    services = (Service(name="checkout", depends_on=("payments",)), Service(name="payments"))
    return replace(deps, catalog=Catalog(services=services), context_sources=(Changes(),))


def log(*lines, service="payments", **data):
    """Evidence of lines (seconds before noon, text) of one service, from an hour before noon."""
    now = NOON.timestamp()
    held = {
        "lines": [[now - before, text] for before, text in lines],
        "truncated": False,
        "service": service,
        "since": now - 3600,
        "until": now,
    }
    return evidence(EvidenceKind.LOG, source="Loki", title=f"Errors of {service}", query=None, data=held | data)


def storm(text=POOL_LIMIT, count=60):
    return [(180 - 3 * place, f"{text} id={place}") for place in range(count)]


def looked(deps, *items, members=None, past=None, gaps=(), **fields):
    given = [alert()] if members is None else members
    bundle = ContextBundle(evidence=items, gaps=gaps)
    return investigate(deps, incident(**fields), given, bundle, past)


def bad_deploy():
    """Evidence of the incident, of the change that caused it, of its messages and of the alert."""
    return (
        evidence(EvidenceKind.ALERT, query=None, data={}),
        evidence(data={"points": points((228, 0.004), (13, 0.2)), "unit": "ratio", "service": "checkout"}),
        change(diff=POOL_DIFF),
        log(*storm()),
    )


def test_change_that_fits_is_the_culprit_and_its_rollback_the_first_step(looking):
    found = looked(looking, *bad_deploy())

    assert found.started_at == ONSET
    assert found.culprit.data["version"] == "v2.31.0"
    assert found.brief.first_step.text == "Roll back payments to v2.30.4"
    assert found.brief.headline == "High 5xx ratio on checkout, since 11:57 UTC (3 min)"
    assert found.brief.note == "No model is configured; this brief is computed from the evidence."


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (ProposalState.CARRIED_OUT, "Watch whether rolling back payments to v2.30.4 helps"),
        (ProposalState.APPROVED, "Watch whether rolling back payments to v2.30.4 helps"),
        (ProposalState.OPEN, "Roll back payments to v2.30.4"),
        (ProposalState.REJECTED, None),
    ],
)
def test_first_step_follows_what_became_of_the_rollback(looking, state, step):
    items = bad_deploy()
    past = Past(proposals=(proposal(ProposalKind.ACTION, key=rollback_key(items[2]), state=state),))

    first = looked(looking, *items, past=past).brief.first_step

    assert (first.text if first else None) == step


def test_culprit_without_a_version_before_is_not_rolled_back_and_the_runbook_is_opened(looking):
    first_ever = change(diff=POOL_DIFF, data={"previous": None})
    runbook = evidence(EvidenceKind.RUNBOOK, title="Runbook: High HTTP error rate, Mitigation", data={}, query=None)
    alerted, metric, _, messages = bad_deploy()

    found = looked(looking, alerted, metric, first_ever, messages, runbook)

    assert found.culprit == first_ever
    assert found.brief.first_step.text == "Open the Runbook: High HTTP error rate, Mitigation"


def test_what_went_out_after_the_incident_was_opened_is_an_attempt_to_mend_it(looking):
    mending = change(version="v2.30.4", seconds_before=-60)

    found = looked(looking, *bad_deploy(), mending)

    assert "payments v2.30.4" not in {one.cause for one in found.brief.hypotheses}


def test_incident_without_any_evidence_says_that_it_knows_nothing(deps):
    found = looked(deps, members=[], service=None, title="Mail is late")

    assert (found.onset, found.culprit, found.brief.first_step) == (None, None, None)
    assert [line.text for line in found.brief.lines] == ["Declared by a person: Mail is late"]
    assert (found.brief.suspect, found.brief.lacks_data) == (None, True)
    assert found.brief.headline == "Mail is late, since 12:00 UTC (0 s)"


def test_quiet_changes_say_that_nothing_went_out(looking):
    alerted = evidence(EvidenceKind.ALERT, query=None, data={})

    lines = looked(looking, alerted).brief.lines

    assert lines[-1].text == "No change explains this: nothing went out near the onset."
    assert lines[-1].evidence_ids == (alerted.id,)
    assert looked(looking).brief.lines[-1].evidence_ids == ()


def test_source_of_changes_that_is_away_leaves_it_open_whether_something_changed(looking):
    gap = EvidenceGap(source="GitHub", reason="no answer in 3 s")

    brief = looked(looking, gaps=(gap,)).brief

    assert brief.gaps == (gap,)
    assert not any("change" in line.text for line in brief.lines)


def test_other_change_that_could_be_it_is_named_beside_the_suspect(looking):
    rival = change(version="v2.30.9", seconds_before=900)

    brief = looked(looking, *bad_deploy(), rival).brief

    assert brief.suspect.cause == "payments v2.31.0 (pool_size 20 -> 4)"
    assert brief.lines[-1].text == "Also changed: payments v2.30.9; it went out 12 min before errors began."


def test_possible_change_names_what_it_set_where_something_else_is_likelier(looking):
    measured = points((228, 0.3), (13, 1.0))
    at_its_limit = [*measured[:228], *([at, 1.0] for at, _ in measured[228:])]
    data = {"points": at_its_limit, "unit": "ratio", "service": "payments"}
    full = evidence(title="memory usage of payments", query="m", data=data)
    alerted, metric, *_ = bad_deploy()
    setting = change(service="checkout", version="v6", seconds_before=200, diff="-  colour: red\n+  colour: blue\n")

    brief = looked(looking, alerted, metric, full, setting).brief

    assert brief.suspect.cause == "payments is at the limit of its memory"
    assert brief.lines[-1].text == (
        "Also changed: checkout v6 (colour red -> blue); it went out 20 s before errors began."
    )


def test_alerts_are_told_once_and_those_that_resolved_are_counted(looking):
    twin = alert("Twin", labels={"pod": "2"})
    others = [alert(f"A{number}", description=f"A{number} fires.") for number in range(4)]
    over = alert("Over", description="Over.", status=AlertStatus.RESOLVED)

    line = looked(looking, members=[alert(), twin, *others, over]).brief.lines[0]

    assert line.text == (
        "checkout is failing 20% of requests (threshold 5%); A0 fires; A1 fires (and 3 more)."
        " 6 of 7 alerts still firing."
    )


def test_alert_without_words_is_told_by_its_name(looking):
    bare = alert(summary="", description="")

    found = looked(looking, members=[bare], service=None)

    assert found.brief.lines[0].text == "HighErrorRate."
    assert found.brief.headline.startswith("HighErrorRate, since 12:00 UTC")


def test_metric_that_shows_no_shift_gives_no_onset(looking):
    flat = evidence(data={"points": points((60, 0.2)), "unit": "ratio", "service": "checkout"})

    found = looked(looking, flat, members=[alert("Other", expression="x > 1"), alert()])

    assert (found.onset, found.started_at) == (None, NOON)


def test_series_that_two_queries_give_counts_once(looking):
    data = {"points": points((228, 0.3), (13, 1.0)), "unit": "ratio", "service": "payments"}
    twins = [evidence(title=title, query=title, data=data) for title in ("CPU of payments", "CPU usage of payments")]

    brief = looked(looking, *twins).brief

    assert [reason.text for reason in brief.suspect.supporting] == ["CPU of payments rose from 30.3 % to 101 %"]


def test_message_that_a_caller_repeats_is_one_line_that_names_both(looking):
    caller = log(*storm(f"payment failed: {POOL_LIMIT}"), service="checkout")

    lines = [line for line in looked(looking, *bad_deploy(), caller).brief.lines if "message" in line.text]

    assert [line.text for line in lines] == [
        (
            'New message in payments and checkout: "QueuePool limit of size 4 overflow 0 reached, connection '
            'timed out", 0 to 20 a minute.'
        )
    ]
    assert len(lines[0].evidence_ids) == 2


def test_message_that_comes_moments_before_the_metric_shows_it_is_new(looking):
    """A rate over some minutes, read every 15 s, shows the trouble later than the first line that tells of it."""
    early = log(*[(before, f"{POOL_LIMIT} id={before}") for before in (205, 190, 184)], *storm())

    lines = [line.text for line in looked(looking, *bad_deploy()[:3], early).brief.lines if "message" in line.text]

    assert [line.partition(":")[0] for line in lines] == ["New message in payments"]
    assert lines[0].endswith("0 to 20 a minute.")


def test_at_most_two_messages_are_told_and_ordinary_ones_not_at_all(looking):
    anywhere = log(*storm("cannot find the basket"), service="")
    many = log(
        *storm("mail relay refused us"),
        *storm("token expired, denied", count=40),
        *storm("GET /ok", count=50),
        service="checkout",
    )

    lines = [
        line.text for line in looked(looking, *bad_deploy()[:2], anywhere, many).brief.lines if "message" in line.text
    ]

    assert len(lines) == 2
    assert not any("GET /ok" in line for line in lines)
    assert any(line.startswith('New message: "cannot find the basket') for line in lines)


def test_logs_without_a_changed_message_are_kept_by_their_newest_lines(looking):
    calm = log(*[(3000 - place, f"all is well {place}") for place in range(40)])

    (item,) = kept([calm], {})

    assert [text for _, text in item.data["lines"]] == [f"all is well {place}" for place in range(20, 40)]
    assert (item.data["messages"], item.data["truncated"]) == ([], True)
    assert kept([evidence()], {})[0].data["unit"] == "ratio"


def hypothesis(kind, cause, **fields):
    return Hypothesis(cause=cause, kind=kind, verdict=Verdict.LIKELY, confidence=0.6, **fields)


@pytest.mark.parametrize(
    ("suspect", "runbook"),
    [
        (hypothesis("saturation", "payments-db is at the limit of its connections"), "database-saturated"),
        (hypothesis("saturation", "x is at the limit of its memory"), "memory-oom"),
        (hypothesis("traffic", "4.2 times the usual traffic on checkout"), "traffic-surge"),
        (hypothesis("dependency", "payments is failing", object="payments"), "dependency-outage"),
        (hypothesis("external provider", "openai has an incident", object="openai"), "ai-provider-outage"),
        (hypothesis("saturation", "client sessions hold nearly all connections of db"), "database-saturated"),
        (hypothesis("saturation", "x is at the limit of its capacity"), None),
        (hypothesis("change", "payments v2.31.0"), None),
        (None, None),
    ],
)
def test_runbook_fits_the_cause(deps, suspect, runbook):
    assert [match.runbook.id for match in runbooks_for_cause(deps, suspect)] == ([runbook] if runbook else [])


def test_every_resource_that_can_run_out_has_a_runbook(deps):
    answered = {name for runbook in deps.runbooks.library.runbooks for name in runbook.alerts}

    assert set(RAN_OUT.values()) <= answered


def test_runbooks_are_found_for_an_alert_and_for_what_people_declare(deps):
    assert runbooks_for_alerts(deps, incident(), [alert()])[0].runbook.id == "high-error-rate"
    declared = incident(title="Disk full", service=None)
    assert runbooks_for_alerts(deps, declared, [])[0].runbook.id == "disk-full"


@pytest.mark.parametrize(
    ("kind", "found"),
    [("bias_and_fairness", ["ai-fairness-gap"]), ("context_retrieval", ["ai-retrieval"]), ("availability", [])],
)
def test_runbook_of_the_type_stands_in_where_the_words_find_none(deps, kind, found):
    strange = incident(title="Kiosk 7 is odd", service=None, incident_type=kind)

    matches = runbooks_for_alerts(deps, strange, [])

    assert [one.runbook.id for one in matches] == found


async def test_past_tells_rejected_steps_and_changes_whose_rollback_did_not_help(deps, open_incident):
    opened = await open_incident(deps.db)
    deploy = change(incident_id=opened.id)
    metric = evidence(incident_id=opened.id)
    about = {"incident_id": opened.id}
    rolled = proposal(
        ProposalKind.ACTION,
        state=ProposalState.CARRIED_OUT,
        title="Roll back payments",
        evidence_ids=(deploy.id, metric.id, "gone"),
        **about,
    )
    helped = proposal(ProposalKind.ACTION, state=ProposalState.CARRIED_OUT, evidence_ids=(deploy.id,), **about)
    rejected = proposal(state=ProposalState.REJECTED, **about)
    update = proposal(ProposalKind.UPDATE, state=ProposalState.REJECTED, **about)
    async with deps.db.transaction() as tx:
        await kept_evidence.add_all(tx, [deploy, metric])
        for one in (rolled, helped, rejected, update):
            await proposals.add(tx, one)
        for one, healthy in ((rolled, False), (helped, False), (helped, True)):
            verified = {"proposal": one.id, "healthy": healthy}
            await ledger.write(tx, deps, opened.id, LogKind.VERIFIED, "policy:verify", verified)

    async with deps.db.read() as db:
        past = await past_of(db, opened.id)

    assert past.undone == {("payments", "v2.31.0"): "Roll back payments: carried out, and it did not help"}
    (step,) = past.ruled_out()
    assert (step.cause, step.contradicting[0].text) == ("Restart checkout", "people ruled it out")
    assert past.of("unheard of") is None


def error_share(version, value):
    """Evidence of the errors of one version of payments, measured over the hour."""
    data = {"points": points((228, 0.004), (13, value)), "unit": "ratio", "service": "payments"}
    labels = {"service": "payments", "version": version}
    return evidence(title=f"Errors of payments {version}", query="errors by version", data=data | {"labels": labels})


def test_version_that_alone_fails_is_told_with_its_evidence(looking):
    stable, canary = error_share("v2.30.4", 0.004), error_share("v2.31.0", 0.2)

    brief = looked(looking, *bad_deploy()[:2], stable, canary).brief

    told = next(line for line in brief.lines if "only" in line.text)
    assert told.text == (
        "Errors of payments v2.31.0: only version v2.31.0 changed: from 0.4 % to 20.2 %; the others stayed at 0.4 %."
    )
    assert told.evidence_ids == (canary.id,)


def test_version_that_alone_fails_speaks_for_the_change_that_brought_it(looking):
    alone = "only version v2.31.0 changed: from 0.4 % to 20.2 %; the others stayed at 0.4 %"
    versions = error_share("v2.30.4", 0.004), error_share("v2.31.0", 0.2)

    brief = looked(looking, *bad_deploy(), *versions).brief

    assert brief.suspect.cause.startswith("payments v2.31.0")
    assert alone in [one.text for one in brief.suspect.supporting]
    assert not [line for line in brief.lines if alone in line.text]


def test_traces_show_who_calls_whom_where_the_catalogue_does_not(looking):
    slow = [
        evidence(title=f"latency of {name}", query=name, data={"points": points((228, 0.1), (13, 2)), "service": name})
        for name in ("checkout", "mail")
    ]
    calls = [{"from": "checkout", "to": "mail", "failing": 3}, {"from": "mail", "to": "mail", "failing": 1}]
    trace = evidence(EvidenceKind.TRACE, query=None, data={"service": "checkout", "calls": calls})

    suspect = looked(looking, bad_deploy()[0], *slow, trace).brief.suspect

    assert suspect.cause == "mail, which checkout depends on, is failing"
    assert suspect.supporting[1].text == "latency got worse in checkout and mail"


def test_events_and_what_a_load_consists_of_name_the_cause_with_its_mechanism_and_tests(looking):
    event = [NOON.timestamp() - 120, "A Multi-AZ failover has been initiated: health check failed"]
    events = log(service="checkout", lines=[event], events=True)
    parts = [{"by": "wait", "name": "Client:ClientRead", "value": 5.0}]
    load = evidence(title="load of checkout", data={"points": points((40, 1)), "service": "checkout", "parts": parts})

    (first, *_) = looked(looking, evidence(EvidenceKind.ALERT, query=None, data={}), events, load).brief.hypotheses

    assert (first.kind, first.cause) == ("infrastructure", "checkout failed over to its standby")
    assert first.signature == "database.failover"
    assert first.supporting[0].evidence_ids == (events.id,)
    assert first.mechanism.startswith("The primary stopped answering")
    assert first.confirm == "Connections drop to nothing during the failover and return with it."
    assert first.refute == "Connections were lost before it, or stay lost after it."


def test_brief_says_that_nothing_is_wrong_and_suspects_nobody(deps):
    steady = [
        evidence(title=f"{name} of checkout", data={"points": points((200, level)), "unit": "%", "service": "checkout"})
        for name, level in (("CPU", 20), ("memory", 40), ("disk used", 50))
    ]

    brief = looked(deps, evidence(EvidenceKind.ALERT, query=None, data={}), *steady).brief

    assert brief.suspect is None
    assert brief.lines[-1].text == (
        "Nothing is wrong with checkout now: there is no active failure;"
        " CPU of checkout stayed within its normal bounds (19.8 %)."
    )
    assert brief.lines[-1].evidence_ids == (steady[0].id,)
    assert brief.first_step.text == "Ask whether anybody is affected, and look at the threshold of the alert."


def alerting(*stretches, **data):
    held = {"points": points(*stretches), "unit": "ratio", "service": "checkout"}
    return evidence(data=held | data)


def test_spike_of_the_alerting_metric_is_told_though_its_level_stayed(looking):
    metric = alerting((230, 0.01), (1, 0.4), (10, 0.01))

    brief = looked(looking, bad_deploy()[0], metric).brief

    assert [line.text for line in brief.lines if line.evidence_ids == (metric.id,)] == [
        "HighErrorRate on checkout was at 40.4 % at 11:57 UTC, unlike anything before."
    ]


def test_calm_metric_has_no_spike(looking):
    metric = alerting((241, 0.01))

    brief = looked(looking, bad_deploy()[0], metric).brief

    assert [line for line in brief.lines if metric.id in line.evidence_ids] == []


def test_what_happened_a_week_before_too_is_said_to_be_usual(looking):
    stretches = (228, 0.004), (13, 0.2)
    metric = alerting(*stretches, week_before=points((226, 0.004), (15, 0.2)))

    brief = looked(looking, bad_deploy()[0], metric).brief

    assert brief.lines[1].text == (
        "Began 11:57 UTC, 3 min before the alert: HighErrorRate on checkout went from 0.4 % to 20.2 %, "
        "as it does at other times."
    )
