"""The runbooks we ship: complete, marked, unambiguous, and found by the alerts they are for."""

import re
from collections import Counter
from pathlib import Path

import pytest

from incident_copilot.domain import incident_type
from incident_copilot.domain.proposal import Risk
from incident_copilot.knowledge.match import RunbookIndex, match_runbooks
from incident_copilot.knowledge.parameters import PARAMETERS
from incident_copilot.knowledge.runbook import StepKind
from incident_copilot.knowledge.runbooks import load_runbooks
from incident_copilot.knowledge.words import squash

FOLDER = Path(__file__).parents[2] / "runbooks"
LIBRARY = load_runbooks(FOLDER)
INDEX = RunbookIndex.build(LIBRARY)
HEADINGS = [
    "Meaning",
    "Impact",
    "First five minutes",
    "Diagnosis",
    "Mitigation",
    "Rollback",
    "Verify",
    "Escalation",
    "Prevention",
]
TYPES = {
    *("errors", "latency", "saturation", "database", "queue", "disk", "memory", "cpu", "network", "dns", "tls"),
    *("kubernetes", "dependency", "deploy", "traffic", "cache", "storage", "quota", "security", "availability"),
    *("ai_quality", "ai_provider", "ai_retrieval", "ai_drift", "ai_fairness", "ai_injection", "ai_cost"),
}
CHANGES_PRODUCTION = re.compile(
    r"kubectl\b.*\b(delete|scale|patch|drain|cordon|uncordon|annotate|apply|replace|edit|create)\b"
    r"|kubectl\b.*\b(rollout (undo|restart|pause|resume)|set resources)\b"
    r"|\b(pg_terminate_backend|pg_cancel_backend|pg_drop_replication_slot|pg_wal_replay_pause)\b"
    r"|\b(DROP|TRUNCATE|DELETE FROM|ALTER|CREATE INDEX|ANALYZE VERBOSE|UPDATE)\b"
    r"|redis-cli\b.*\b(config set|flush\w*|del|unlink)\b|--execute\b|--alter\b|--vacuum|rmi\b|\brm\b|sysctl -w"
    r"|systemctl (restart|stop)|curl\b.*-X (POST|PUT|DELETE)|aws\b.*\b(modify|restore|delete|request-service)"
    r"|amtool\b.*\b(expire|alert add)\b|argocd app set|cmctl renew"
)
shipped = pytest.mark.parametrize("runbook", LIBRARY.runbooks, ids=lambda runbook: runbook.id)


def test_every_file_parses_without_a_problem():
    files = [path for path in FOLDER.glob("*.md") if path.name != "README.md"]

    assert LIBRARY.problems == ()
    assert len(LIBRARY.runbooks) == len(files) >= 24


@shipped
def test_sections_are_complete_and_in_order(runbook):
    headings = [section.heading for section in runbook.sections]

    assert headings == [heading for heading in HEADINGS if heading in headings]
    assert set(HEADINGS) - set(headings) <= {"Rollback"}


@shipped
def test_front_matter_is_complete(runbook):
    assert runbook.alerts
    assert runbook.types
    assert set(runbook.types) <= TYPES
    assert runbook.severity_hint
    assert runbook.owner
    assert runbook.last_reviewed


@shipped
def test_people_have_something_to_check_do_verify_and_whom_to_call(runbook):
    kinds = Counter(step.kind for section in runbook.sections for step in section.steps)

    assert kinds[StepKind.CHECK] >= 3
    assert kinds[StepKind.DIAGNOSTIC] >= 3
    assert kinds[StepKind.MITIGATION] >= 3
    assert kinds[StepKind.VERIFY] >= 1
    assert kinds[StepKind.ESCALATION] >= 1


@shipped
def test_every_step_that_changes_production_has_a_risk(runbook):
    unmarked = [step for _, step in runbook.steps(StepKind.MITIGATION, StepKind.ROLLBACK) if step.risk is None]

    assert unmarked == []


@shipped
def test_no_command_changes_production_without_a_risk(runbook):
    unmarked = [
        command
        for _, step in runbook.steps(*StepKind)
        for command in step.commands
        if step.risk is None and CHANGES_PRODUCTION.search(command)
    ]

    assert unmarked == []


@shipped
def test_steps_begin_with_a_short_sentence(runbook):
    for section in runbook.sections:
        items = len(re.findall(r"(?m)^\d+\. ", section.text))
        bold = len(re.findall(r"(?m)^\d+\. \*\*[^*]+[.?:]\*\*", section.text))
        assert items == bold == len(section.steps)
        assert all(len(step.text) <= 120 for step in section.steps)


@shipped
def test_commands_use_known_parameters_and_no_placeholders(runbook):
    source = Path(runbook.path).read_text()

    assert set(re.findall(r"\{\{ *([a-z_]+) *\}\}", source)) <= PARAMETERS
    assert re.findall(r"<[a-z][a-z_ -]*>|\byour-\w+|\bTODO\b|\bXXX\b", source) == []


@pytest.mark.parametrize("kind", [one for one in incident_type.TYPES if one.name != incident_type.UNKNOWN])
def test_each_type_of_incident_has_a_runbook_to_begin_with(kind):
    assert kind.runbook in {runbook.id for runbook in LIBRARY.runbooks}


def test_each_alert_name_has_one_runbook():
    names = Counter(squash(alert) for runbook in LIBRARY.runbooks for alert in runbook.alerts)

    assert [name for name, times in names.items() if times > 1] == []


@shipped
def test_each_of_its_alerts_finds_it_first(runbook):
    for alert in runbook.alerts:
        found = match_runbooks(INDEX, alert_name=alert, labels={}, annotations={})
        assert found[0].runbook.id == runbook.id


@pytest.mark.parametrize(
    ("summary", "runbook_id"),
    [
        ("Container api was OOM killed 5 times", "memory-oom"),
        ("Requests wait for a database connection, QueuePool limit of size 4 reached", "connection-pool-exhausted"),
        ("Consumer group billing lags 1200000 messages on topic invoices", "queue-backlog"),
        ("TLS certificate of shop.example.com expires in 3 days", "certificate-expiry"),
        ("DNS lookups fail with SERVFAIL", "dns-failure"),
        ("Replica db-2 is 340 seconds behind the primary", "replication-lag"),
        ("Redis used memory is 98 % of maxmemory and keys are evicted", "cache-degraded"),
        ("Guardrail blocked 900 jailbreak attempts in ten minutes", "ai-prompt-injection"),
        ("Error budget of search burns 14.4 times too fast", "error-budget-burn"),
    ],
)
def test_alert_with_an_unknown_name_is_matched_by_what_it_says(summary, runbook_id):
    found = match_runbooks(INDEX, alert_name="Alert17", labels={}, annotations={"summary": summary})

    assert found[0].runbook.id == runbook_id


@pytest.mark.parametrize(
    "summary",
    [
        "UPS battery on rack 4 needs replacement",
        "Paper jam in the printer of office 2",
        "Fan speed of the chassis is below 1000 rpm",
        "The payroll export has the wrong currency",
    ],
)
def test_alert_that_no_runbook_is_about_finds_none(summary):
    assert match_runbooks(INDEX, alert_name="Alert17", labels={}, annotations={"summary": summary}) == []


def test_risks_use_the_whole_scale():
    risks = {step.risk for runbook in LIBRARY.runbooks for _, step in runbook.steps(StepKind.MITIGATION)}

    assert risks == set(Risk)
