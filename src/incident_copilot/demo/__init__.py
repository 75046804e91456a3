"""The demo: the copilot as its own process, the sandbox workspace around it, and a recorded incident."""

from incident_copilot.demo.headless import headless
from incident_copilot.demo.interactive import interactive
from incident_copilot.demo.results import log_lines

__all__ = ["headless", "interactive", "log_lines"]
