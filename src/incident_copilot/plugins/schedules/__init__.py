"""Where the copilot reads who is on call: one module a service, found by its file name; they only read."""
