"""Severity: factors with reasons, unknown ones left out, floors and caps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_copilot.domain.catalog import Catalog, Service, SeverityPolicy
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.incident_type import BY_NAME
from incident_copilot.pipeline.triage import WEIGHTS, correlation_key, share_failing, triage, type_of

from .samples import alert

QUIET = {"summary": "Something is odd", "description": ""}


def catalog(*, policy=None, **fields):
    service = Service.model_validate({"name": "checkout", "tier": 1, "user_facing": True} | fields)
    return Catalog(services=(service,), severity=policy or SeverityPolicy())


def reasons(sheet):
    return [(factor.name, factor.impact, factor.reason) for factor in sheet.factors]


def test_sheet_shows_every_factor_with_its_reason_and_leaves_unknown_ones_out_of_the_weights():
    sheet = triage(alert(), catalog())

    assert reasons(sheet) == [
        ("business", 0.9, "checkout is tier 1"),
        ("user", 0.6, "the alert speaks of 20% of requests"),
        ("system", 0.8, "the alert is labelled critical"),
        ("compliance", None, "unknown: the catalogue does not say whether personal data is handled"),
    ]
    assert sheet.score == round((0.9 * 0.3 + 0.6 * 0.3 + 0.8 * 0.2) / 0.8, 3)
    assert (sheet.severity, sheet.floors, sheet.incident_type) == (Severity.P1, (), "availability")


def test_service_that_is_not_in_the_catalogue_leaves_its_factors_unknown():
    sheet = triage(alert(severity="warning", **QUIET), Catalog())

    assert [(name, impact) for name, impact, _ in reasons(sheet)] == [
        ("business", None),
        ("user", None),
        ("system", 0.45),
        ("compliance", None),
    ]
    assert (sheet.score, sheet.severity) == (0.45, Severity.P2)


def test_alert_of_which_nothing_is_known_is_looked_at_and_not_low():
    sheet = triage(alert(severity=None, service=None, **QUIET), Catalog())

    assert (sheet.score, sheet.severity) == (None, Severity.P2)
    assert reasons(sheet)[2] == ("system", None, "unknown: the alert names no severity")


@pytest.mark.parametrize(
    ("word", "impact"),
    [
        ("P1", 0.8),
        ("fatal", 0.8),
        ("Disaster", 0.8),
        ("major_outage", 0.8),
        ("partial_outage", 0.6),
        ("Sev3", 0.45),
        ("Average", 0.45),
        ("RESOURCE_CONTENTION", 0.45),
        ("P4", 0.3),
        ("Informational", 0.1),
    ],
)
def test_words_of_all_sources_are_known(word, impact):
    sheet = triage(alert(severity=word, **QUIET), catalog())

    assert reasons(sheet)[2] == ("system", impact, f"the alert is labelled {word.lower()}")


def test_severity_word_that_nobody_knows_is_named():
    sheet = triage(alert(severity="spicy", **QUIET), catalog())

    assert reasons(sheet)[2] == ("system", None, 'unknown: severity "spicy" is not one we know')


@pytest.mark.parametrize(
    ("fields", "user", "compliance"),
    [
        (
            {"user_facing": True, "handles_personal_data": True},
            (0.6, "users meet checkout directly"),
            (0.5, "checkout handles personal data"),
        ),
        (
            {"user_facing": False, "handles_personal_data": False},
            (0.3, "checkout is behind other services"),
            (0.1, "checkout handles no personal data"),
        ),
    ],
)
def test_catalogue_tells_what_users_and_the_law_have_to_do_with_it(fields, user, compliance):
    sheet = triage(alert(**QUIET), catalog(**fields))

    _, of_users, _, of_law = reasons(sheet)
    assert (of_users[1:], of_law[1:]) == (user, compliance)


@pytest.mark.parametrize(
    ("score", "tier", "label", "severity"),
    [(0.9, 1, "page", Severity.P0), (0.6, 2, "high", Severity.P1), (0.45, 3, "warning", Severity.P2)],
)
def test_score_decides_by_thresholds(score, tier, label, severity):
    text = {"summary": "x", "description": f"{score * 60:.0f}% of requests fail"}

    assert triage(alert(severity=label, **text), catalog(tier=tier)).severity is severity


def test_small_trouble_of_a_small_service_is_p3():
    sheet = triage(alert(severity="info", **QUIET), catalog(tier=4, user_facing=False))

    assert sheet.severity is Severity.P3


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ("Complete outage of the mail relay", "complete outage is P0"),
        ("100% of requests fail", "complete outage is P0"),
        ("Possible data loss on shard 4", "data loss is P0"),
    ],
)
def test_outage_and_data_loss_are_p0_whatever_the_score(description, reason):
    sheet = triage(alert(severity="info", summary="", description=description), catalog(tier=4))

    assert (sheet.severity, sheet.floors) == (Severity.P0, (reason,))


def test_critical_label_is_at_least_p1_and_never_p0_by_itself():
    sheet = triage(alert(**QUIET), catalog(tier=4, user_facing=False))

    assert (sheet.severity, sheet.floors) == (Severity.P1, ("label critical is at least P1",))


def test_floor_of_a_label_is_configurable():
    policy = SeverityPolicy(floors={"warning": Severity.P2})

    sheet = triage(alert(severity="warning", **QUIET), catalog(tier=4, user_facing=False, policy=policy))

    assert sheet.floors == ("label warning is at least P2",)


@pytest.mark.parametrize("environment", ["staging", "Staging-EU", "dev", "test", "team/qa"])
def test_nothing_outside_production_is_more_than_p2(environment):
    sheet = triage(alert(environment=environment, description="Complete outage"), catalog())

    assert sheet.severity is Severity.P2
    assert sheet.floors[-1] == f"environment {environment} is at most P2"


@pytest.mark.parametrize("environment", [None, "production", "prod-eu", "latest"])
def test_other_environments_count_as_production(environment):
    assert triage(alert(environment=environment), catalog()).severity is Severity.P1


def test_cap_that_changes_nothing_is_not_told():
    sheet = triage(alert(severity="info", environment="dev", **QUIET), catalog(tier=4, user_facing=False))

    assert (sheet.severity, sheet.floors) == (Severity.P3, ())


def test_catalogue_lifts_the_cap():
    policy = SeverityPolicy(caps={})

    assert triage(alert(environment="staging"), catalog(policy=policy)).severity is Severity.P1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("LLMProviderSlow", "dependency"),
        ("PromptInjectionDetected", "prompt_injection"),
        ("IntrusionDetected", "security"),
        ("RetrievalHitRateLow", "context_retrieval"),
        ("EvalSuiteRegression", "model_regression"),
        ("ModelAccuracyDrop", "quality_degradation"),
        ("FairnessGap", "bias_and_fairness"),
        ("FeatureFreshness", "data_quality"),
        ("CPUThrottlingHigh", "performance"),
        ("FeatureFlagsStale", "availability"),
        ("HighErrorRate", "availability"),
    ],
)
def test_type_is_what_the_words_of_the_alert_speak_of(text, kind):
    assert type_of(alert(text, summary="", description="")) == kind


@pytest.mark.parametrize(
    ("label", "kind"), [*((name, name) for name in BY_NAME), ("nonsense", "availability"), ("default", "availability")]
)
def test_type_that_the_alert_names_wins_where_it_is_known(label, kind):
    assert type_of(alert(labels={"incident_type": label}, **QUIET)) == kind


def test_security_counts_compliance_more():
    sheet = triage(alert("IntrusionDetected", **QUIET), catalog())

    compliance = sheet.factors[3]
    assert (compliance.impact, compliance.weight, compliance.reason) == (0.9, 0.4, "security incident")


def test_catalogue_weighs_types_in_its_own_way():
    policy = SeverityPolicy(weights={"availability": {"business": 1.0, "user": 0.0, "system": 0.0}})

    assert triage(alert(), catalog(policy=policy)).score == 0.9


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("checkout is failing 20% of requests (threshold 5%).", 0.2),
        ("12.5 % of all requests fail", 0.125),
        ("40% of calls are timing out", 0.4),
        ("The error rate is 7%", 0.07),
        ("The error rate of checkout is 7%", 0.07),
        ("250% of requests fail", 1.0),
        ("99% of requests succeed", None),
        ("CPU is at 99% of its limit", None),
        ("Error rate above 5%", None),
        ("The p99 latency of requests is 3 s", None),
    ],
)
def test_share_of_failing_requests_is_read_from_the_text(text, share):
    assert share_failing(alert(summary="", description=text)) == share


def test_alerts_of_one_service_in_one_place_share_a_key():
    assert correlation_key(alert()) == "service=checkout|env=production|cluster=eu-1"
    assert correlation_key(alert("A", service=None, environment=None)) == "alert=A|env=-|cluster=eu-1"


@given(
    name=st.text(max_size=20),
    severity=st.one_of(st.none(), st.text(max_size=10)),
    description=st.text(max_size=80),
    tier=st.one_of(st.none(), st.integers(1, 4)),
)
def test_any_alert_gets_a_sheet_whose_score_lies_between_its_factors(name, severity, description, tier):
    given_alert = alert(name or "A", severity=severity, description=description, summary="")

    sheet = triage(given_alert, catalog(tier=tier))

    impacts = [factor.impact for factor in sheet.factors if factor.impact is not None]
    assert all(0 <= impact <= 1 for impact in impacts)
    assert min(impacts) - 0.001 <= sheet.score <= max(impacts) + 0.001


def test_weights_of_every_type_add_up_to_one():
    assert {round(sum(weights.values()), 6) for weights in WEIGHTS.values()} == {1.0}


def test_alert_without_a_severity_is_judged_by_its_words_and_says_so():
    sheet = triage(alert("MailDown", severity=None, service=None, summary="Mail is down", description=""), Catalog())

    said = 'the alert names no severity; its words say critical: something is down ("down")'
    assert reasons(sheet)[2] == ("system", 0.7, said)
    assert (sheet.score, sheet.severity, sheet.floors) == (0.7, Severity.P1, ())


def test_guess_that_an_alert_only_informs_does_not_hide_it_in_the_digest():
    said = {"summary": "A new version is out", "description": ""}
    sheet = triage(alert("NewVersion", severity=None, service=None, expression=None, **said), Catalog())

    assert (sheet.score, sheet.severity) == (0.4, Severity.P2)


def test_examples_of_the_catalogue_say_what_an_alert_without_a_severity_is_like():
    policy = SeverityPolicy(examples={"critical": ("LedgerHalted",), "warning": ("NewsletterHalted",)})
    named = Catalog(severity=policy)

    sheet = triage(alert("LedgerHalted", severity=None, service=None, expression=None, **QUIET), named)
    unlike = triage(alert("Kernel", severity=None, service=None, expression=None, **QUIET), named)

    said = (
        "the alert names no severity; its words say critical: "
        "it reads like your examples of critical (ledger halted, ledger); of these, 0% are told right when left out"
    )
    assert reasons(sheet)[2] == ("system", 0.7, said)
    assert reasons(unlike)[2] == ("system", None, "unknown: the alert names no severity")
