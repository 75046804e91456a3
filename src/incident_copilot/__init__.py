"""A Slack-first incident copilot: alerts in, people decide, the postmortem is written from the decision log."""

__version__ = "0.1.0"
