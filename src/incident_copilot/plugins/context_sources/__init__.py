"""Where the copilot looks things up, read-only: one module a source, found by its file name."""
