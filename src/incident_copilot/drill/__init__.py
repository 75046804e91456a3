"""Drills: the sandbox's worlds, one for each drill, behind the ports that the pipeline works with."""

from incident_copilot.drill.worlds import Worlds

__all__ = ["Worlds"]
