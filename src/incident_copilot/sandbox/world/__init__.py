"""A small world around an incident: metrics, logs and deploys over HTTP, and how it reacts to a rollback."""

from incident_copilot.sandbox.world.generate import generated
from incident_copilot.sandbox.world.scenario import (
    Scenario,
    ScenarioError,
    load_scenario,
    merged_catalog_yaml,
    parsed_scenario,
    scenario_names,
    scenario_text,
)
from incident_copilot.sandbox.world.state import Dispatch
from incident_copilot.sandbox.world.webhooks import Webhook
from incident_copilot.sandbox.world.world import Outage, Stage, World

__all__ = [
    "Dispatch",
    "Outage",
    "Scenario",
    "ScenarioError",
    "Stage",
    "Webhook",
    "World",
    "generated",
    "load_scenario",
    "merged_catalog_yaml",
    "parsed_scenario",
    "scenario_names",
    "scenario_text",
]
