"""What comes in and goes out over HTTP: webhooks, Slack over HTTP, health, metrics and read-only pages."""
