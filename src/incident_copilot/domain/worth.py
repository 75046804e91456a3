"""Worth: what a service is to the business."""

from pydantic import Field

from incident_copilot.domain.base import Frozen


class Worth(Frozen):
    """What is lost while a service fails, for postmortems to count; `active_users` are those who use it at a time.

    `slo` is the share of requests that must succeed within `slo_days`.
    """

    requests_per_minute: float | None = Field(default=None, gt=0)
    active_users: int | None = Field(default=None, gt=0)
    slo: float | None = Field(default=None, gt=0, lt=1)
    slo_days: int = Field(default=30, ge=1, le=400)
    cost_per_minute: float | None = Field(default=None, gt=0)
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
