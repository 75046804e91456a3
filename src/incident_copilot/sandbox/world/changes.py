"""Deploys with their diffs, and the workflows that heal a world."""

import hashlib

from pydantic import Field

from incident_copilot.sandbox.world.spec import Spec


class ChangedFile(Spec):
    """One file of a diff; `patch` is unified diff text as GitHub gives it."""

    filename: str
    patch: str
    status: str = "modified"

    @property
    def additions(self) -> int:
        """Return how many lines the patch adds."""
        return sum(line.startswith("+") for line in self.patch.splitlines())

    @property
    def deletions(self) -> int:
        """Return how many lines the patch takes away."""
        return sum(line.startswith("-") for line in self.patch.splitlines())


class Deploy(Spec):
    """A version of a repository that went live at `at_s`."""

    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    version: str
    at_s: float
    title: str
    author: str
    environment: str = "production"
    files: tuple[ChangedFile, ...] = ()

    @property
    def sha(self) -> str:
        """Return the commit that was deployed, the same in every run."""
        return hashlib.sha1(f"{self.repo}@{self.version}".encode(), usedforsecurity=False).hexdigest()


class Remedy(Spec):
    """A workflow run with at least these inputs heals the world `heal_after_s` after it was dispatched."""

    repo: str
    workflow: str
    inputs: dict[str, str]
    heal_after_s: float = Field(default=4, ge=0)
