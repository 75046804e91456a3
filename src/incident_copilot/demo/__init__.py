"""The demo: the copilot as its own process, the sandbox workspace around it, and a recorded incident."""

from incident_copilot.demo.files import model_settings
from incident_copilot.demo.headless import headless
from incident_copilot.demo.interactive import interactive
from incident_copilot.demo.model_steps import WITH_MODEL
from incident_copilot.demo.results import log_lines
from incident_copilot.demo.steps import STEPS

__all__ = ["STEPS", "WITH_MODEL", "headless", "interactive", "log_lines", "model_settings"]
