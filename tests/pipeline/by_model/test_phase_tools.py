"""What the specialists of the five phases may look at: computed from what is held, by label, and no words of users."""

import pytest
from pydantic import ValidationError

from incident_copilot.domain.hypothesis import Phase
from incident_copilot.llm.answers import schema_of
from incident_copilot.pipeline.by_model.answering import tools_for
from incident_copilot.pipeline.by_model.phase_specialists import BY_NAME, PHASES
from incident_copilot.pipeline.by_model.phase_tools import PHASE_TOOLS
from incident_copilot.pipeline.by_model.tools import look
from incident_copilot.ports import ToolRequest
from pipeline import samples

from .ai_system import ONSET, ORDER, figures, material

OWN = {
    Phase.STATISTICAL: ["change_points", "seasonality", "correlated_metrics", "read_metric"],
    Phase.COMPONENTS: ["component_health", "read_topology", "provider_status"],
    Phase.LINEAGE: ["lineage", "data_findings"],
    Phase.MODEL: ["slices_by", "evaluations", "versions"],
    Phase.ENVIRONMENT: ["other_changes", "usage"],
}


async def shown(tool, known=None, by=None, **arguments):
    """What a tool shows to the specialist whose own it is."""
    specialist = next(one for one in PHASES if tool in one.tools) if by is None else BY_NAME[by]
    return await look(ToolRequest(id="1", name=tool, arguments=arguments), known or material(), specialist)


def test_each_phase_has_its_own_tools_and_no_other():
    assert {one.name: [tool.name for tool in tools_for(one, material())] for one in PHASES} == OWN
    assert sum(map(len, OWN.values())) == len({name for names in OWN.values() for name in names})


@pytest.mark.parametrize("tool", sorted(PHASE_TOOLS))
async def test_a_tool_of_another_phase_is_refused(tool):
    others = [one for one in PHASES if tool not in one.tools]

    assert {(await shown(tool, by=one.name)).text for one in others} == {f"There is no tool {tool} here."}


async def test_change_points_are_told_with_their_levels():
    seen = await shown("change_points", metric="E2")

    assert seen.cited == ("E2",)
    assert seen.text.splitlines() == ["quality.accuracy of answers", "11:50:15: from 92 % to 70 %"]
    assert (await shown("change_points", metric="E5")).text.endswith("It never changed its level.")


async def test_correlated_metrics_are_named_and_cited():
    seen = await shown("correlated_metrics", metric="E2")

    assert seen.cited == ("E2", "E3", "E4")
    assert [line.partition(", correlation")[0] for line in seen.text.splitlines()] == [
        "Moves with quality.accuracy of answers:",
        "E3: retriever latency",
        "E4: cost.tokens_output of answers",
    ]
    assert [seen.parts["E2"], *seen.parts["E3"].split("\n")[:1]] == [
        seen.text,
        "Moves with quality.accuracy of answers:",
    ]
    assert "tokens_output" not in seen.parts["E3"]
    assert (await shown("correlated_metrics", metric="E5")).text.endswith("nothing")


async def test_seasonality_is_read_from_the_week_before():
    seen = await shown("seasonality", metric="E2")

    assert seen.text == (
        "quality.accuracy of answers was 92 % at the same hours a week before and is 70.7 % now:"
        " it is not of the season."
    )
    assert not (await shown("seasonality", metric="E3")).is_there


async def test_component_health_follows_the_graph():
    own = await shown("component_health", service="retriever")
    above = await shown("component_health", service="answers")

    assert own.cited == ("E3", "E12")
    assert own.text.splitlines() == [
        "E3: retriever latency rose from 101 ms to 1.98 s",
        "E12: new: index lookup timed out (0 a minute before, 12 now, first 12:00:00)",
        "documents, 1 below: nothing is measured",
        "raw, 2 below: nothing is measured",
    ]
    assert "retriever, 1 below: 2 findings" in above.text
    assert own.parts["E3"].splitlines() == [own.text.splitlines()[0], *own.text.splitlines()[2:]]
    assert "retriever, 1 below: 2 findings" in above.parts["E3"].splitlines()
    assert not (await shown("component_health", service="raw")).is_there


async def test_a_service_without_findings_is_as_usual():
    calm = figures("quality.tone", (120, 0.9), service="raw")

    assert (await shown("component_health", material(calm), service="raw")).text == "raw is as usual."


async def test_a_status_page_is_read_as_a_template():
    seen = await shown("provider_status", provider="Acme AI")

    assert seen.cited == ("E11",)
    assert seen.text == "E11: Acme AI reports degraded since 11:50:00: slow answers"


async def test_lineage_names_runs_and_what_only_the_catalogue_says_is_noted():
    runs = await shown("lineage", dataset="documents")
    unrun = await shown("lineage", material(without=("run",)), dataset="documents")

    said = "documents (dataset) is made of raw and used by answers, retriever, by the catalogue."
    assert runs.cited == ("E9",)
    assert runs.text.splitlines() == [said, "E9: documents r9 at 11:00:00, tomas deployed documents r9."]
    assert unrun.text.splitlines() == [said, "No run over it was told of."]
    assert [(one.kind, one.title, one.data) for one in unrun.found] == [
        ("note", "Lineage of documents", {"text": said}),
    ]


async def test_findings_of_monitors_are_told_and_groups_that_read_like_orders_are_not():
    data = await shown("data_findings", about="data")
    features = await shown("data_findings", about="features")

    assert data.text == "E7: data.age_s is firing: The newest document is 9 h old."
    assert features.text == "E7: feature.length of (a name that is not shown) is weak"
    assert (data.cited, (await shown("data_findings", about="retrieval")).is_there) == (("E7",), False)


async def test_slices_are_told_by_one_label_with_their_intervals():
    seen = await shown("slices_by", label="version")
    odd = await shown("slices_by", label="segment")

    summary, first, second = seen.text.splitlines()
    carries = "bad answers 56.2% of 80 (40 to 62 points more, 95 %), carries 100% of the loss; it stands out"
    assert summary == "49 of 160 requests that are known since 11:50 UTC were answered badly."
    assert first == f"E6: version v2: {carries}"
    assert second.startswith("E6: version v1: bad answers 5.0% before, now 5.0% of 80 (-7 to 8 points more, 95 %)")
    assert second.endswith("; it does not stand out from the others")
    assert seen.cited == ("E6",)
    assert odd.text.splitlines()[1].startswith("E6: segment (a name that is not shown): bad answers 40.0%")


async def test_evaluations_are_told_by_version():
    seen = await shown("evaluations", evaluation="evaluation.golden")

    assert seen.cited == ("E7", "E5")
    assert seen.text.splitlines() == [
        "E7: evaluation.golden is fine",
        "E5: evaluation.golden, version v2: 12:00:00 91.9 %",
    ]


async def test_versions_flags_and_usage_are_told():
    model = await shown("versions", kind="model")
    flag = await shown("other_changes", kind="flag")
    tokens = await shown("usage", about="tokens")

    assert (model.text, model.cited) == ("E8: model-x v2 at 11:49:00, tomas deployed model-x v2.", ("E8",))
    assert (flag.text, flag.cited) == ("E10: answers new-ui at 11:45:00, tomas deployed answers new-ui.", ("E10",))
    assert tokens.text.startswith("E4: cost.tokens_output of answers; before: median 9")
    assert tokens.cited == ("E4",)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("change_points", {"metric": "E1"}, "There is no metric E1. There are:"),
        ("correlated_metrics", {"metric": "E99"}, "There is no metric E99. There are:"),
        ("seasonality", {"metric": "E99"}, "There is no metric E99. There are:"),
        ("component_health", {"service": "ghost"}, "There is no service ghost."),
        ("provider_status", {"provider": "ghost"}, "There is no status page of ghost. There are:"),
        ("lineage", {"dataset": "ghost"}, "There is no dataset ghost; there are documents, raw."),
        ("slices_by", {"label": "ghost"}, "There is nothing to tell apart by ghost. There are:"),
        ("evaluations", {"evaluation": "ghost"}, "There is no evaluation ghost. There are:"),
        ("versions", {"kind": "prompt"}, "There is no change of a prompt. There are:"),
        ("usage", {"about": "provider"}, "Nothing is known of provider."),
    ],
)
async def test_what_there_is_not_is_said_and_counts_as_nothing(tool, arguments, said):
    seen = await shown(tool, **arguments)

    assert (seen.text.splitlines()[0], seen.is_there, seen.cited, seen.found) == (said, False, (), ())


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("change_points", {"metric": "quality.accuracy"}),
        ("slices_by", {"label": "version", "where": "1=1"}),
        ("usage", {"about": "secrets"}),
        ("versions", {"kind": "deploy"}),
        ("lineage", {}),
    ],
)
async def test_what_does_not_fit_the_types_is_refused(tool, arguments):
    with pytest.raises(ValidationError):
        await shown(tool, **arguments)


def test_the_form_of_a_look_names_what_there_is():
    taken = {
        tool.name: schema_of(tool.parameters)["properties"] for one in PHASES for tool in tools_for(one, material())
    }

    named = {name: next(iter(fields.values())).get("enum") for name, fields in taken.items()}
    assert named == {
        "change_points": ["E2", "E3", "E4", "E5"],
        "correlated_metrics": ["E2", "E3", "E4", "E5"],
        "seasonality": ["E2", "E3", "E4", "E5"],
        "read_metric": ["E2", "E3", "E4", "E5"],
        "component_health": ["Acme AI", "answers", "documents", "model-x", "raw", "retriever"],
        "read_topology": ["Acme AI", "answers", "documents", "model-x", "raw", "retriever"],
        "provider_status": ["Acme AI"],
        "lineage": ["documents", "raw"],
        "data_findings": ["data", "features"],
        "slices_by": ["version", "segment"],
        "evaluations": ["evaluation.golden"],
        "versions": ["model", "flag", "dataset"],
        "other_changes": ["flag"],
        "usage": ["cost", "tokens"],
    }


async def test_no_tool_shows_what_anybody_wrote_into_requests_or_labels():
    known = material()
    said = []
    for one in PHASES:
        for tool in tools_for(one, known):
            name, field = next(iter(schema_of(tool.parameters)["properties"].items()))
            said += [(await shown(tool.name, known, one.name, **{name: given})).text for given in field["enum"]]

    assert len(said) > 30
    assert not [text for text in said if ORDER in text or "approve" in text]
    assert samples.NOON > ONSET
