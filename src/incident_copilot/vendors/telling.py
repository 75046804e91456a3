"""What channels of updates share: whom they tell, and how a request is shown before it is made."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.update import Update
from incident_copilot.errors import VendorRefused


def _listed(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


Audiences = Annotated[tuple[Audience, ...], BeforeValidator(_listed), Field(min_length=1)]


class ChannelOptions(Frozen):
    """Whom a channel tells: `audience` is internal, management, customers or external, or a list of these."""

    audience: Audiences


def request(method: str, url: str, body: Mapping[str, Any]) -> str:
    """Return a request as people read it before it is made."""
    return f"{method} {url}\n{json.dumps(body, indent=2, ensure_ascii=False)}"


def known(vendor: str, update: Update, *names: str) -> list[str]:
    """Return what a channel answered under these names. Raises VendorRefused where its answer was lost."""
    if any(name not in update.ref for name in names):
        raise VendorRefused(f"{vendor}: nobody knows where that update is; change it there", 0)
    return [update.ref[name] for name in names]


def ids_of(components: Mapping[str, tuple[str, ...]], service: str | None) -> tuple[str, ...]:
    """Return the components of a page that stand for a service."""
    return components.get(service or "", ())


Components = dict[str, Annotated[tuple[str, ...], BeforeValidator(_listed)]]
"""Ids of a page's components, one or a list, by the service of the catalogue that they stand for."""
