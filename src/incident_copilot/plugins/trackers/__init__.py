"""Trackers that keep action items as tickets: one module a system."""
