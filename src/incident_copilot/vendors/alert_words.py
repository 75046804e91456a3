"""What monitoring systems call the states and severities of an alert where they write for people."""

from incident_copilot.domain.alert import AlertStatus

FIRING, RESOLVED = AlertStatus.FIRING, AlertStatus.RESOLVED

STATES = dict.fromkeys(
    (
        "firing", "triggered", "re-triggered", "retriggered", "renotify", "re-notify", "alerting", "alert", "alarm",
        "problem", "updated problem", "fired", "activated", "opened", "open", "down", "active", "started", "ongoing",
        "failing", "unhealthy", "unreachable", "unavailable", "offline", "breached", "degraded", "outage", "no data",
        "nodata", "incident", "new incident", "new alert", "new problem", "new issue", "new error", "failed",
        "investigating", "identified", "in alarm",
    ),
    FIRING,
) | dict.fromkeys(
    (
        "resolved", "resolve", "recovered", "recover", "recovery", "ok", "up", "closed", "close", "cleared", "clear",
        "normal", "back to normal", "healthy", "deactivated", "ended", "restored", "online", "green", "operational",
        "auto-resolved", "inactive", "alert resolved", "incident resolved", "alert recovered", "recovered alert",
    ),
    RESOLVED,
)  # fmt: skip
"""What a word says of the problem, in small letters."""

MUTE = frozenset(
    {
        "acknowledged", "acknowledgement", "ack", "acked", "assigned", "reassigned", "escalated", "snoozed", "muted",
        "unmuted", "annotated", "insufficient_data", "insufficient data", "flappingstart", "flappingstop",
        "flappingdisabled", "downtimestart", "downtimeend", "downtimecancelled", "downtimeremoved", "custom", "test",
    }
)  # fmt: skip
"""Known words that say nothing of whether the problem is there."""

SEVERITIES = frozenset(
    {
        "critical", "crit", "fatal", "emergency", "disaster", "severe", "error", "major", "high", "warning", "warn",
        "average", "minor", "medium", "moderate", "low", "info", "information", "informational", "notice", "unknown",
        *(f"{letter}{number}" for letter in ("p", "sev", "sev-", "sev ", "s") for number in range(6)),
    }
)  # fmt: skip
"""Words for how bad it is."""

ALARMING = frozenset(
    {"critical", "crit", "fatal", "emergency", "disaster", "severe", "error", "major", "warning", "warn"}
)
"""Those that say by themselves that the problem is there."""

ENVIRONMENTS = frozenset(
    {"prod", "production", "live", "staging", "stage", "preprod", "pre-prod", "dev", "development", "test", "qa", "uat"}
)

SENDERS = frozenset(
    {
        "monitor alert", "alertmanager", "prometheus", "grafana", "datadog", "sentry", "pagerduty", "pagerduty alert",
        "opsgenie", "opsgenie alert", "zabbix", "nagios", "icinga", "new relic", "new relic alert", "newrelic",
        "splunk alert", "elastic", "kibana", "honeycomb", "checkly", "pingdom", "uptimerobot", "uptime kuma", "aws",
        "cloudwatch", "azure", "azure monitor", "gcp", "google cloud", "dynatrace", "statuscake", "monitoring",
        "monitor", "notification", "external", "ext", "re", "fw", "fwd", "aw", "wg",
    }
)  # fmt: skip
"""Who wrote it, and what mail programs put in front; none of it is part of the name."""

FACTS = {
    "service": "service", "service name": "service", "app": "app", "application": "application",
    "severity": "severity", "priority": "priority", "level": "level", "environment": "environment", "env": "env",
    "host": "host", "hostname": "host", "cluster": "cluster", "namespace": "namespace", "region": "region",
    "team": "team", "status": "status", "state": "status", "current state": "status", "new state": "status",
    "alertname": "alertname",
}  # fmt: skip
"""Lines "Name: value" that are read, and the label each becomes."""


def state_of(word: str) -> AlertStatus | None:
    """Return what a word says of the problem, or None."""
    return STATES.get(word.strip().lower())


def severity_of(word: str) -> str | None:
    """Return the word where it says how bad it is, else None."""
    return word.strip() if word.strip().lower() in SEVERITIES else None
