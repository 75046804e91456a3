"""The published schemas of what AI systems send say what is read."""

import json

import jsonschema

from incident_copilot.vendors import told_figures, told_interactions

from .documents import ROOT


def published(name):
    """Return a schema and what validates by it."""
    schema = json.loads((ROOT / "docs" / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema, jsonschema.Draft202012Validator(schema)


def recorded(name):
    """Return a body of tests/fixtures."""
    return json.loads((ROOT / "tests" / "fixtures" / f"{name}.json").read_text())


def test_snapshots_that_are_taken_fit_the_schema():
    schema, snapshots = published("monitoring")
    metrics = schema["$defs"]

    assert set(schema["properties"]) == {"id", "at", "system", "labels", *told_figures.SECTIONS}
    assert metrics["figure"]["properties"]["groups"]["maxProperties"] == told_figures.MOST_GROUPS
    assert metrics["figure"]["properties"]["history"]["maxItems"] == told_figures.MOST_HISTORY
    assert metrics["counts"]["maxProperties"] == told_figures.MOST_BUCKETS
    assert metrics["section"]["propertyNames"]["pattern"] == f"^{told_figures.NAME.pattern.replace('?:', '')}$"
    assert snapshots.is_valid(recorded("ai_system"))
    assert [snapshots.is_valid({"id": "1", "quality_metrics": {"f1": value}}) for value in (0.5, "0.5", -1, None)] == [
        True,
        False,
        False,
        False,
    ]


def test_interactions_that_are_taken_fit_the_schema():
    schema, interactions = published("interactions")
    one = schema["$defs"]["interaction"]

    assert set(one["properties"]) == told_interactions.KNOWN
    assert schema["properties"]["interactions"]["maxItems"] == told_interactions.MOST_INTERACTIONS
    assert set(one["properties"]["feedback"]["enum"]) == set(told_interactions.FEEDBACK)
    assert interactions.is_valid(recorded("ai_system_interactions"))
