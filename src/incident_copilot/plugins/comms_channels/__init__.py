"""Where status updates are published beside Slack: one module a channel, found by its file name."""
