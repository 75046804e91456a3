"""Incidents that are over become cases: exported without people, hosts and secrets, replayed, and compared."""
