"""Which repositories of the catalogue are kept at one host of code, where there are several."""

from collections.abc import Mapping

from pydantic import Field

from incident_copilot.domain.base import Frozen


class RepoOptions(Frozen):
    """Only repositories of `owners` are asked for (the part before the first slash); all where none is named.

    Name them where services are kept at more than one host of code: else each is asked for what it has not.
    """

    owners: frozenset[str] = Field(default=frozenset(), max_length=100)

    def here(self, repos: Mapping[str, str]) -> dict[str, str]:
        """Return those of the services' repositories that are kept here."""
        return {name: repo for name, repo in repos.items() if not self.owners or repo.partition("/")[0] in self.owners}
