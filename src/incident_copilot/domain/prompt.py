"""Prompt: temporary."""

import hashlib

from incident_copilot.domain.base import Frozen


class Prompt(Frozen):
    """Instructions for one purpose."""

    purpose: str
    version: int
    instructions: str

    @property
    def digest(self) -> str:
        """Digest."""
        return hashlib.sha256(self.instructions.encode()).hexdigest()[:12]
