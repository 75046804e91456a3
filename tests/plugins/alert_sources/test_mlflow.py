"""MLflow's webhooks become changes: versions of models and prompts, and which of them an alias makes serve."""

import base64
import hashlib
import hmac

import pytest

from incident_copilot.domain.change import ChangeKind
from incident_copilot.errors import Unauthenticated
from incident_copilot.plugins.alert_sources import mlflow

from .bodies import SECRET, at, changed, parse, source


def signed(body, *, sent_at="2026-11-21T09:09:00+00:00", secret=SECRET):
    content = f"d-1.{sent_at}.".encode() + body
    digest = base64.b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest()).decode()
    return {"x-mlflow-signature": f"v1,{digest}", "x-mlflow-delivery-id": "d-1", "x-mlflow-timestamp": sent_at}


def test_alias_that_points_to_another_version_is_a_change_of_the_service_that_uses_the_model(fixture):
    change = changed(mlflow, fixture("mlflow"), services={"support-answers": "answers"})

    assert (change.kind, change.service, change.version) == (ChangeKind.MODEL, "answers", "7")
    assert change.title == "Model support-answers: production is version 7 from now on"
    assert change.at == at(8, 59, 30, 80217)
    assert parse(mlflow, fixture("mlflow"), {"x-mlflow-delivery-id": "d-1"}).delivery_id == "d-1"


@pytest.mark.parametrize(
    ("entity", "action", "kind", "title"),
    [
        ("model_version", "created", ChangeKind.MODEL, "Model support-answers: version 7 registered"),
        ("prompt_version", "created", ChangeKind.PROMPT, "Prompt support-answers: version 7 registered"),
        ("prompt_alias", "created", ChangeKind.PROMPT, "Prompt support-answers: production is version 7 from now on"),
        ("prompt_alias", "deleted", ChangeKind.PROMPT, "Prompt support-answers: production is taken away"),
    ],
)
def test_each_event_says_what_became_of_a_model_or_prompt(fixture, entity, action, kind, title):
    change = changed(mlflow, fixture("mlflow") | {"entity": entity, "action": action})

    assert (change.kind, change.title, change.service) == (kind, title, "support-answers")


def test_what_says_nothing_is_ignored_and_what_is_new_named(fixture):
    body = fixture("mlflow")

    assert parse(mlflow, body | {"entity": "prompt_tag", "action": "set"}).ignored == "prompt_tag.set"
    assert parse(mlflow, body | {"action": "painted"}).unknown == "model_version_alias.painted"


def test_signature_is_of_id_time_and_body_and_not_an_old_one():
    source(mlflow).authenticate(signed(b"{}"), b"{}")
    for headers in (
        signed(b"{}", secret="wrong"),
        signed(b"other"),
        signed(b"{}", sent_at="2026-11-21T08:00:00+00:00"),
        signed(b"{}") | {"x-mlflow-timestamp": "soon"},
    ):
        with pytest.raises(Unauthenticated):
            source(mlflow).authenticate(headers, b"{}")
