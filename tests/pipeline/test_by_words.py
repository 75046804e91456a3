"""Whose an alert is: as the catalogue or a label names it, else by the examples of the teams, with the reason."""

import pytest

from incident_copilot.domain.catalog import Catalog, Service, Team, TypePolicy
from incident_copilot.pipeline.by_words import learn, likely_owner, team
from incident_copilot.pipeline.triage import triage, type_of

from .samples import alert

TEAMS = (
    Team(name="storage", examples=("BackupFailed topic=backup", "SnapshotTooOld topic=backup")),
    Team(name="payments", examples=("CardRefused topic=card", "RefundQueueLong topic=card")),
)
BACKUP = {"service": None, "summary": "Backup is old", "description": "", "expression": None}


def backup(**fields):
    """An alert that no service is named for, on the backup."""
    return alert("BackupTooOld", **(BACKUP | fields))


def test_alert_of_no_known_service_goes_to_the_team_whose_examples_it_is_like():
    catalog = Catalog(teams=TEAMS)
    reason = "team storage: it reads like its examples (backup, old); of these, 100% are told right when left out"

    sheet = triage(backup(), catalog)

    assert likely_owner(backup(), catalog) == ("storage", reason)
    assert team(backup(), catalog) == "storage"
    assert [(factor.name, factor.impact, factor.weight, factor.reason) for factor in sheet.factors[4:]] == [
        ("owner", None, 0.0, reason)
    ]
    assert sheet.score == triage(backup(), Catalog()).score


def test_label_of_the_alert_is_compared_with_those_of_the_examples():
    assert team(alert("Kernel", service=None, labels={"topic": "card"}), Catalog(teams=TEAMS)) == "payments"


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"service": "checkout"}, "shop"), ({"labels": {"team": "night"}}, "night")],
)
def test_team_that_is_named_is_not_guessed(fields, named):
    catalog = Catalog(teams=TEAMS, services=(Service(name="checkout", team="shop"),))

    assert (team(backup(**fields), catalog), likely_owner(backup(**fields), catalog)) == (named, None)


def test_alert_that_is_like_both_or_neither_names_no_team():
    catalog = Catalog(teams=TEAMS)
    both = alert("BackupCard", **(BACKUP | {"summary": ""}))
    neither = alert("Kernel", **(BACKUP | {"summary": ""}))

    assert (team(both, catalog), team(neither, catalog), team(backup(), Catalog())) == (None, None, None)


def test_learning_ahead_takes_its_time_once():
    learn(Catalog(teams=TEAMS))

    assert likely_owner(backup(), Catalog(teams=TEAMS))[0] == "storage"


def test_alert_that_is_like_the_examples_of_a_type_is_of_that_type_unless_it_names_one():
    types = {
        "prompt_injection": TypePolicy(examples=("GuardrailStorm", "Somebody asks the bot for its system prompt")),
        "data_quality": TypePolicy(examples=("RowsMissing", "The feed of prices brings no rows")),
    }
    catalog = Catalog(types=types)
    storm = alert("GuardrailStorm", summary="Guardrail storm", description="", expression=None)

    assert type_of(storm) == "availability"
    assert type_of(storm, catalog) == "prompt_injection"
    assert catalog.restricts(triage(storm, catalog).incident_type)
    assert type_of(alert("GuardrailStorm", labels={"incident_type": "performance"}), catalog) == "performance"
