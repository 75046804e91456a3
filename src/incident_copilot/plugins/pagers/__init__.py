"""Where the copilot pages people besides the chat: one module a service, found by its file name."""
