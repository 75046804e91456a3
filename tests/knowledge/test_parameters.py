"""Parameters: filled from the incident, visible when unknown, never a way into somebody's shell."""

import pytest

from incident_copilot.knowledge.parameters import fill_parameters, parameters_from
from incident_copilot.knowledge.runbook import Step, StepKind

STEP = Step(
    number=1,
    text="Restart {{service}}.",
    why="{{ service }} hangs in {{namespace}}.",
    commands=("kubectl -n {{namespace}} rollout restart deployment/{{service}}",),
    kind=StepKind.MITIGATION,
)


def test_parameters_are_filled_in_text_and_commands():
    filled = fill_parameters(STEP, {"service": "checkout", "namespace": "shop"})

    assert filled == STEP.model_copy(
        update={
            "text": "Restart checkout.",
            "why": "checkout hangs in shop.",
            "commands": ("kubectl -n shop rollout restart deployment/checkout",),
        }
    )


def test_unknown_parameter_stays_visible():
    filled = fill_parameters(STEP, {"service": "checkout"})

    assert filled.why == "checkout hangs in <namespace?>."
    assert filled.commands == ("kubectl -n <namespace?> rollout restart deployment/checkout",)


@pytest.mark.parametrize(
    "value",
    ["x; rm -rf /", "$(id)", "`id`", "a b", "a'b", 'a"b', "--all", "a\nb", "a|b", "", "a" * 254, "$HOME", "a}", "é"],
)
def test_value_that_a_shell_could_take_as_syntax_is_not_put_into_a_command(value):
    filled = fill_parameters(STEP, {"service": value, "namespace": "shop"})

    assert filled.commands == ("kubectl -n shop rollout restart deployment/<service?>",)
    assert filled.text == f"Restart {value}."


def test_values_come_from_the_labels_common_exporters_use():
    labels = {"kubernetes_namespace": "shop", "persistentvolumeclaim": "data-0", "datname": "orders", "pod": ""}

    assert parameters_from(labels) == {"namespace": "shop", "volume": "data-0", "database": "orders"}


def test_service_of_the_incident_wins_over_a_label_and_names_the_deployment():
    assert parameters_from({"service": "web"}, service="checkout") == {"service": "checkout", "deployment": "checkout"}


@pytest.mark.parametrize(
    ("open_value", "filled"),
    [
        ("<pod>", "web-0"),
        ("<pod-name>", "web-0"),
        ("<POD_NAME>", "web-0"),
        ("<podname>", "web-0"),
        ("<your-namespace>", "shop"),
        ("<consumer group>", "invoices"),
        ("{{ $labels.pod }}", "web-0"),
        ("{{$labels.kubernetes_namespace}}", "shop"),
        ("{{ $labels.phase }}", "{{ $labels.phase }}"),
        ("<node>", "<node>"),
        ("<path>", "<path>"),
        ("<name>", "<name>"),
        ("$POD", "$POD"),
    ],
)
def test_values_that_runbooks_from_elsewhere_leave_open_are_filled_where_they_are_known(open_value, filled):
    step = Step(number=1, text="Look.", commands=(f"get {open_value}",), kind=StepKind.CHECK)
    values = {"pod": "web-0", "namespace": "shop", "consumer_group": "invoices", "mountpoint": "/data"}

    assert fill_parameters(step, values).commands == (f"get {filled}",)


def test_open_value_of_a_command_takes_nothing_unsafe():
    step = Step(number=1, text="Look at <pod>.", commands=("get <pod>",), kind=StepKind.CHECK)

    filled = fill_parameters(step, {"pod": "web; reboot"})

    assert (filled.text, filled.commands) == ("Look at web; reboot.", ("get <pod>",))
