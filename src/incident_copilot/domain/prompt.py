"""Prompt: what a model is told for one purpose, with a version that changes when the words do."""

import hashlib

from incident_copilot.domain.base import Frozen


class Prompt(Frozen):
    """Instructions for one purpose, such as "brief"; they stand beside the answer type and the code that reads it."""

    purpose: str
    version: int
    instructions: str

    @property
    def digest(self) -> str:
        """Twelve hex digits that tell these very words from any others, should somebody forget the version."""
        return hashlib.sha256(self.instructions.encode()).hexdigest()[:12]
