"""The four worlds through the front door: webhook, jobs, brief; each concludes what its truth says."""

from typing import NamedTuple

import pytest

from incident_copilot.domain.hypothesis import Brief, Verdict
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.sandbox.world import scenario_names

EXPECTED = {
    "bad_deploy": (
        "payments v2.31.0 (pool_size 20 -> 4)",
        [
            "it went out 30 s before errors began",
            'its diff (pool_size 20 -> 4) fits "QueuePool limit of size 4"',
        ],
    ),
    "saturated_database": (
        "payments-db is at the limit of its connections, used by reports:settlement-export",
        [
            "database connections used of payments-db rose from 43.1 % to 100 %",
            (
                '"duration: <DUR> statement: SELECT l.*, c.* FROM settlement_lines l JOIN charges c '
                'ON c.id = l.charge_id WHERE …" in the logs of payments-db, from 0 to 74 a minute'
            ),
        ],
    ),
    "llm_provider_outage": (
        "openai has an incident of its own",
        [
            "openai reports: outage (Elevated error rates across the API), since 2 min after the onset",
            (
                "\"openai.InternalServerError: Error code: 503 - {'error': {'message': 'The server is overloaded "
                'or not ready …" in the logs of assistant, from 0 to 118 a minute'
            ),
        ],
    ),
    "no_change": (
        "4.2 times the usual traffic on checkout",
        [
            "requests per second of checkout rose from 99.3 req/s to 415 req/s",
            "CPU usage of checkout rose from 26 % to 99.1 %",
        ],
    ),
}
RED_HERRINGS = {
    "bad_deploy": ("checkout v5.8.1", "errors began 80 s before it"),
    "saturated_database": ("payments v2.30.5", "it ran 5 h before errors began"),
    "llm_provider_outage": ("assistant v1.14.0", "it ran 37 min before errors began"),
    "no_change": ("search v1.9.2", "checkout does not depend on search"),
}
every_scenario = pytest.mark.parametrize("name", scenario_names())


class Concluded(NamedTuple):
    """What the first brief says, and what is proposed with it."""

    incident: Incident
    brief: Brief
    shown: list[Proposal]
    waiting: list[Proposal]


concluded_before: dict[str, Concluded] = {}


@pytest.fixture
def concluded(story):
    """`concluded("bad_deploy")`: what comes of the first alert; a world is told once, and nothing here changes it."""

    async def conclude(name):
        if name not in concluded_before:
            told = await story(name)
            incident = await told.begin()
            waiting = await told.proposals(ProposalState.WAITING)
            concluded_before[name] = Concluded(incident, await told.brief(), await told.proposals(), waiting)
        return concluded_before[name]

    return conclude


@every_scenario
async def test_first_cause_is_the_true_one_for_the_right_reasons(concluded, name):
    suspect = (await concluded(name)).brief.suspect

    assert (suspect.cause, suspect.verdict) == (EXPECTED[name][0], Verdict.LIKELY)
    assert [reason.text for reason in suspect.supporting[:2]] == EXPECTED[name][1]
    assert all(reason.evidence_ids for reason in suspect.supporting)


@every_scenario
async def test_red_herring_is_named_with_the_reason_why_it_is_not_the_cause(concluded, name):
    change, reason = RED_HERRINGS[name]

    brief = (await concluded(name)).brief

    (herring,) = (one for one in brief.hypotheses if one.cause.startswith(change))
    assert herring.verdict in (Verdict.UNLIKELY, Verdict.RULED_OUT)
    assert (herring.confidence, herring.contradicting[0].text) == (0.0, reason)
    (line,) = (line.text for line in brief.lines if change in line.text and "Changed last by" not in line.text)
    opening = "Not the cause: " if name == "bad_deploy" else "No change explains this: not "
    assert line == f"{opening}{change} ({reason})."


@every_scenario
async def test_brief_is_short_and_every_line_rests_on_evidence(concluded, name):
    brief = (await concluded(name)).brief

    assert 3 <= len(brief.lines) <= 5
    assert len({line.text for line in brief.lines}) == len(brief.lines)
    assert all(line.evidence_ids for line in brief.lines)
    assert all(len(line.text) <= 200 for line in brief.lines)
    assert brief.first_step.evidence_ids


@every_scenario
async def test_rolling_back_is_proposed_only_where_a_change_fits(concluded, name):
    found = await concluded(name)

    rollbacks = [one.title for one in (*found.shown, *found.waiting) if "roll back" in one.title.lower()]
    assert rollbacks == (["Roll back payments from v2.31.0 to v2.30.4"] if name == "bad_deploy" else [])


async def test_onset_is_minutes_before_the_alert_and_three_proposals_are_seen(concluded):
    found = await concluded("bad_deploy")

    assert (found.incident.opened_at - found.incident.started_at).total_seconds() == 180
    assert [(one.title, one.risk.value, one.primary) for one in found.shown] == [
        ("Roll back payments from v2.31.0 to v2.30.4", "medium", True),
        ("Status update for customers", "low", False),
        ("Restart checkout", "medium", False),
    ]


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("saturated_database", "Cancel the statement at the root of the lock chain"),
        ("no_change", "Scale out ahead of the curve"),
        ("llm_provider_outage", "Fail over to the prepared second provider or model"),
    ],
)
async def test_first_step_follows_from_the_suspect_and_not_only_from_the_alert(concluded, name, step):
    _, first, _ = (await concluded(name)).shown

    assert (first.title, first.primary) == (step, True)


@every_scenario
async def test_cause_stays_when_the_brief_is_refreshed_as_alerts_join(story, name):
    told = await story(name, log_share=0.1)
    first = await told.begin()

    await told.go_on(60, step=30)

    suspect = (await told.brief(first.id)).suspect
    assert (suspect.cause, suspect.verdict) == (EXPECTED[name][0], Verdict.LIKELY)
