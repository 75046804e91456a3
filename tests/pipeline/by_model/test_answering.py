"""The form of an answer names what there is in this investigation, and takes what fits the specialist's own type."""

from dataclasses import replace
from typing import get_args

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.llm.answers import schema_of
from incident_copilot.pipeline.by_model.answering import answer_of, tools_for
from incident_copilot.pipeline.by_model.material import Material, by_label, labels_for
from incident_copilot.pipeline.by_model.parameters import Window
from incident_copilot.pipeline.by_model.phase_specialists import BY_NAME
from incident_copilot.pipeline.by_model.specialists import ChangeAnswer
from incident_copilot.pipeline.by_model.turning import begin
from pipeline import samples

from .scripted import causes, evidence


def material_of(found):
    return Material(incident=samples.incident(), evidence=by_label(labels_for(found), found))


def form(found, steps):
    material = material_of(found)
    held = begin(material, causes(), steps, investigation_id="0" * 32, now=samples.NOON)
    return answer_of(BY_NAME["change"], held, material)


def test_a_form_names_the_labels_services_and_steps_that_there_are():
    schema = schema_of(form(evidence(), {"A1": "Roll back"}))

    judged, another = schema["$defs"]["Judged"]["properties"], schema["$defs"]["Another"]["properties"]
    assert judged["hypothesis"]["enum"] == ["H1", "H2"]
    assert judged["evidence"]["items"]["enum"] == judged["against"]["items"]["enum"] == ["E1", "E2", "E3", "E4", "E5"]
    assert another["service"]["enum"] == ["checkout", "payments"]
    assert schema["properties"]["next_step"]["anyOf"][0]["enum"] == ["A1"]
    assert (schema["properties"]["judged"]["minItems"], schema["properties"]["judged"]["maxItems"]) == (2, 2)


def test_without_evidence_and_steps_there_is_nothing_to_choose_from():
    schema = schema_of(form([], {}))

    assert "enum" not in schema["$defs"]["Judged"]["properties"]["evidence"]["items"]
    assert schema["properties"]["next_step"]["type"] == "null"


def test_an_answer_with_names_that_there_are_not_still_fits_and_is_checked_after():
    judged = {"hypothesis": "H9", "confidence": 0.5, "evidence": ["E99"], "against": [], "because": ""}
    said = {"judged": [judged], "another": None, "next_step": "A7", "touched": "code"}

    answer = form(evidence(), {"A1": "Roll back"}).model_validate(said)

    assert isinstance(answer, ChangeAnswer)
    assert (answer.judged[0].hypothesis, answer.next_step) == ("H9", "A7")


def test_a_tool_takes_the_names_that_there_are():
    offered = {
        one.name: schema_of(one.parameters)["properties"]
        for one in tools_for(BY_NAME["change"], material_of(evidence()))
    }

    assert offered["read_metric"]["metric"]["enum"] == ["E2", "E4"]
    assert offered["list_changes"]["service"]["enum"] == ["checkout", "payments"]


def test_sources_are_offered_to_those_who_read_what_they_look_for_with_the_services_near():
    sources = {"GitHub": frozenset({EvidenceKind.CHANGE}), "Prometheus": frozenset({EvidenceKind.METRIC})}
    asked = replace(material_of(evidence()), sources=sources, near=("checkout", "payments"))

    def offered(name):
        return [schema_of(one.parameters) for one in tools_for(BY_NAME[name], asked) if one.name == "ask_source"]

    [change], [saturation], none = offered("change"), offered("saturation"), offered("security")
    takes = change["properties"]
    assert (takes["source"]["enum"], takes["service"]["enum"]) == (["GitHub", "Prometheus"], ["checkout", "payments"])
    assert takes["window"]["enum"] == [*get_args(Window)]
    assert (saturation["properties"]["source"]["enum"], none) == (["Prometheus"], [])


def test_a_tool_that_would_find_nothing_is_not_offered():
    assert [one.name for one in tools_for(BY_NAME["database"], material_of([]))] == [
        "search_runbooks",
        "past_incidents",
    ]
