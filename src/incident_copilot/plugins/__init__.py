"""Everything people add: plugins found by folder, chosen and set up by copilot.yaml."""

from incident_copilot.plugins.building import Plugins, build, build_source
from incident_copilot.plugins.config import Config, PluginInstance, load_config
from incident_copilot.plugins.discovery import KINDS, discover

__all__ = ["KINDS", "Config", "PluginInstance", "Plugins", "build", "build_source", "discover", "load_config"]
