"""Pages: the keys by which a paging service and the copilot know the same page, and what is heard of one."""

from typing import Literal

from incident_copilot.domain.base import Frozen

PREFIX = "incident-copilot"
_PARTS = 4


class PageHeard(Frozen):
    """What people did to one of our pages at the paging service; `by` is their address or name there."""

    key: str
    event: Literal["acknowledge", "resolve"] | None
    by: str | None = None


def key_of(workspace_id: str, incident_id: str, pager: str) -> str:
    """Return the key of an incident's page at one pager."""
    return f"{PREFIX}:{workspace_id}:{incident_id}:{pager}"


def is_ours(key: str) -> bool:
    """Whether a key is one that the copilot made: what it tells of is known already."""
    return key.startswith(f"{PREFIX}:") and key.count(":") == _PARTS - 1
