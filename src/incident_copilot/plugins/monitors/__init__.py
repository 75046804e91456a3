"""What watches AI systems: one module a family of monitors, found by its file name and set up by monitors.yaml."""
