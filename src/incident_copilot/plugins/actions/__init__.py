"""What the copilot can do in production once people approved it: one module an action, found by its file name."""
