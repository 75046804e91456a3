"""Environments as alerts call them and as vendors do."""

from pydantic import Field

from incident_copilot.domain.base import Frozen

_USUAL = {"prod": "production", "prd": "production", "live": "production", "stage": "staging", "stg": "staging"}


class EnvironmentOptions(Frozen):
    """`environments` maps the words of alerts to the vendor's names; without a word it is `default_environment`."""

    environments: dict[str, str] = Field(default_factory=lambda: dict(_USUAL), max_length=100)
    default_environment: str = "production"

    def environment(self, word: str | None) -> str:
        """Return the vendor's name of an environment."""
        return self.environments.get(word.lower(), word) if word else self.default_environment
