"""Slack: what people see (views), what they do (one file a thing), and the workspace that carries effects out."""
