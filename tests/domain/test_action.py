"""Entries of actions.yaml: what they take, what they refuse, and what an adapter is given."""

import pytest
from pydantic import ValidationError

from incident_copilot.domain.action import Action, Actions, Param, filled

ENTRY = {
    "name": "scale-out",
    "does": "Scale {service} to {replicas} replicas",
    "adapter": "kubernetes",
    "with": {
        "do": "scale",
        "deployment": "{service}",
        "replicas": "{replicas}",
        "note": {"to": ["{replicas}", "{why}", 1]},
    },
    "params": {"replicas": {"least": 1, "most": 20}, "why": {"one_of": ["load", "leak"], "default": "load"}},
    "services": ["checkout"],
}
VALUES = {"service": "checkout", "environment": "production", "replicas": "6", "why": "load"}


def entry(**fields):
    return Action.model_validate(ENTRY | fields)


def test_adapter_is_given_filled_templates_and_numbers_as_numbers():
    one = entry()

    assert one.for_adapter(VALUES) == {
        "do": "scale",
        "deployment": "checkout",
        "replicas": "6",
        "note": '{"to": [6, "load", 1]}',
    }
    assert one.title(VALUES) == "Scale checkout to 6 replicas"


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, []),
        ({"replicas": "21"}, ["replicas: is no whole number from 1 to 20"]),
        ({"replicas": "6.0"}, ["replicas: is no whole number from 1 to 20"]),
        ({"replicas": "-1"}, ["replicas: holds what no value may hold"]),
        ({"why": "boredom"}, ["why: is none of load, leak"]),
        ({"force": "true"}, ["force: is no value of scale-out"]),
        ({"service": "payments"}, ["service: scale-out is for checkout"]),
        ({"environment": "staging"}, ["environment: scale-out is for production"]),
        (
            {"service": "checkout/../../admin"},
            ["service: holds what no value may hold", "service: scale-out is for checkout"],
        ),
        ({"service": "check\r\nout"}, ["service: holds what no value may hold", "service: scale-out is for checkout"]),
    ],
)
def test_values_are_taken_or_named_with_what_is_wrong(change, problems):
    assert entry().problems(VALUES | change) == problems


def test_value_that_is_missing_is_named():
    values = {name: value for name, value in VALUES.items() if name != "why"}

    assert entry().problems(values) == ["why: is missing"]


@pytest.mark.parametrize(
    ("param", "value", "problem"),
    [
        ({"pattern": "v[0-9.]+"}, "v1.2", None),
        ({"pattern": "v[0-9.]+"}, "x", "does not fit v[0-9.]+"),
        ({"pattern": ".*"}, '"; DROP', "holds what no value may hold"),
        ({"pattern": ".*"}, "a..b", "holds what no value may hold"),
        ({"known": "version"}, "v1", None),
    ],
)
def test_no_pattern_lets_through_what_would_change_a_request(param, value, problem):
    assert Param.model_validate(param).problem_with(value) == problem


@pytest.mark.parametrize(
    ("param", "problem"),
    [
        ({}, "say what it takes"),
        ({"one_of": ["a"], "pattern": "a"}, "say what it takes"),
        ({"least": 1}, "write least and most, both"),
        ({"pattern": "("}, "is no regular expression"),
    ],
)
def test_param_says_exactly_one_thing(param, problem):
    with pytest.raises(ValidationError, match=problem):
        Param.model_validate(param)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"does": "Scale to {amount}"}, "{amount} is no value of it"),
        ({"with": {"deep": [{"to": "{amount}"}]}}, "{amount} is no value of it"),
        ({"params": {"service": {"pattern": "."}}}, "every action has it"),
        ({"after": [{}]}, "write check or action"),
        ({"after": [{"check": "a", "action": "b"}]}, "write check or action"),
        ({"verify": {"group": "language=de"}}, "name the metric of it too"),
    ],
)
def test_entry_names_only_what_it_has(change, problem):
    with pytest.raises(ValidationError, match=problem.replace("{", r"\{").replace("}", r"\}")):
        entry(**change)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"undo": {"action": "lost"}}, "scale-out: there is no action lost"),
        ({"staging": "lost"}, "scale-out: there is no action lost"),
        ({"after": [{"action": "lost"}]}, "scale-out: there is no action lost"),
        ({"undo": {"action": "back", "params": {"strange": "x"}}}, "scale-out: back takes no strange"),
        ({"undo": {"action": "back", "params": {"to": "{amount}"}}}, "scale-out: \\{amount\\} is no value of it"),
        ({"name": "back"}, "back is there twice"),
    ],
)
def test_entries_fit_together(change, problem):
    back = {"name": "back", "does": "Go back", "adapter": "kubernetes", "params": {"to": {"least": 0, "most": 9}}}

    with pytest.raises(ValidationError, match=problem):
        Actions.model_validate({"actions": [ENTRY | change, back]})


def test_entry_is_found_by_name_and_undo_may_use_what_was_read_before():
    undo = {"action": "scale-out", "params": {"replicas": "{state.replicas}"}}
    loaded = Actions.model_validate({"actions": [ENTRY | {"undo": undo}]})

    assert loaded.get("scale-out").undo.params == {"replicas": "{state.replicas}"}
    assert (loaded.get("other"), loaded.get(None)) == (None, None)


def test_changed_entry_has_another_digest():
    assert entry().sha256 == entry().sha256 != entry(risk="high").sha256


def test_values_cannot_name_places_themselves():
    assert filled("a {x} {y} {z}", {"x": "{y}", "y": "1"}) == "a {y} 1 {z}"
    assert filled([1, {"a": "{x}"}], {"x": "2"}) == [1, {"a": "2"}]
