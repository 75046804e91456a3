"""The texts of a new plugin by kind: module, test and fixture."""

from incident_copilot.plugins.templates import action, alert_source, comms_channel, context_source

TEMPLATES: dict[str, tuple[str, str, str]] = {
    "alert_sources": (alert_source.MODULE, alert_source.TEST, alert_source.FIXTURE),
    "context_sources": (context_source.MODULE, context_source.TEST, context_source.FIXTURE),
    "actions": (action.MODULE, action.TEST, action.FIXTURE),
    "comms_channels": (comms_channel.MODULE, comms_channel.TEST, comms_channel.FIXTURE),
}
