"""Fill the parameters of a step from the incident; what is unknown or unsafe in a shell stays visible."""

import re
from collections.abc import Mapping

from incident_copilot.knowledge.runbook import Step

_PARAMETER = re.compile(r"\{\{ *(?P<name>[a-z_]+) *\}\}")
# How runbooks from elsewhere leave a value open: {{ $labels.pod }}, <pod>, <pod-name>, <your-namespace>. A variable of
# the shell ($POD) stays: the runbook sets it in a step of its own.
_OPEN_VALUE = re.compile(
    r"\{\{ *\$labels\.(?P<label>\w+) *\}\}|<(?:(?:my|your|the)[-_ ])?(?P<name>[A-Za-z][A-Za-z_ -]{1,30})>"
)
# Label values come from outside and people paste commands: nothing that a shell or a query could take as syntax,
# and no leading dash that a program could take as an option.
_SAFE_IN_COMMAND = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,252}")

# The label names by which common exporters call the same thing, the plainest first.
_LABELS_OF = {
    "service": ("service", "app", "app_kubernetes_io_name", "service_name"),
    "namespace": ("namespace", "kubernetes_namespace", "exported_namespace"),
    "cluster": ("cluster", "cluster_name", "k8s_cluster"),
    "deployment": ("deployment", "workload", "app", "service"),
    "pod": ("pod", "pod_name", "kubernetes_pod_name"),
    "container": ("container", "container_name"),
    "node": ("node", "nodename", "kubernetes_node"),
    "instance": ("instance", "host", "hostname"),
    "job": ("job", "job_name"),
    "database": ("database", "datname", "db", "dbname"),
    "volume": ("persistentvolumeclaim", "volume", "pvc"),
    "mountpoint": ("mountpoint", "path"),
    "queue": ("queue", "queue_name"),
    "topic": ("topic",),
    "consumer_group": ("consumergroup", "consumer_group", "group"),
    "domain": ("domain", "hostname", "host", "dnsname"),
    "dependency": ("dependency", "upstream", "destination_service", "peer_service"),
    "provider": ("provider", "gen_ai_system", "vendor"),
    "model": ("model", "gen_ai_request_model", "model_name"),
    "feature": ("feature", "use_case"),
}

PARAMETERS = frozenset(_LABELS_OF)
"""Every parameter a runbook may use."""
# The parameter that a label's name means; where several have it, the first.
_MEANT_BY = {label: name for name, labels in reversed(_LABELS_OF.items()) for label in reversed(labels)}


def parameters_from(labels: Mapping[str, str], *, service: str | None = None) -> dict[str, str]:
    """Values for parameters from an alert's labels; the incident's own service wins over a label of that name."""
    known = {key: value for key, value in labels.items() if value}
    if service:
        known["service"] = service
    values = {}
    for parameter, names in _LABELS_OF.items():
        value = next((known[name] for name in names if name in known), None)
        if value is not None:
            values[parameter] = value
    return values


def fill_parameters(step: Step, values: Mapping[str, str]) -> Step:
    """The step with its parameters filled; an unknown one, or one unsafe in a command, is shown as <name?>.

    What runbooks from elsewhere leave open, such as <pod>, is filled where it is known, and else stays as it is.
    """
    safe = {name: value for name, value in values.items() if _SAFE_IN_COMMAND.fullmatch(value)}
    return step.model_copy(
        update={
            "text": _filled(step.text, values),
            "why": _filled(step.why, values),
            "commands": tuple(_filled(command, safe) for command in step.commands),
        }
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    text = _PARAMETER.sub(lambda found: values.get(found["name"], f"<{found['name']}?>"), text)
    return _OPEN_VALUE.sub(lambda found: values.get(_meant(found), found[0]), text)


def _meant(found: re.Match[str]) -> str:
    """The parameter that an open value of another runbook means, "" if it is none of ours."""
    if found["label"]:
        return _MEANT_BY.get(found["label"], "")
    name = re.sub(r"[- ]", "_", found["name"]).lower()
    # Only the parameters' own names: what <path> or <group> stands for, a runbook's author knows.
    return next((one for one in (name, name.removesuffix("name").rstrip("_")) if one in PARAMETERS), "")
