"""Entries of actions.yaml as actions: values are checked, templates filled, and an adapter does the rest."""

from collections.abc import Mapping
from datetime import datetime

from incident_copilot.domain.action import Action, Actions
from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import ActionResult, DryRun, SupervisedAction


def with_entries(adapters: Mapping[str, SupervisedAction], entries: Actions) -> dict[str, SupervisedAction]:
    """Return the adapters, and beside them each entry whose adapter is there, by name."""
    made = [Catalogued(one, adapters[one.adapter]) for one in entries.actions if one.adapter in adapters]
    return {**adapters, **{one.name: one for one in made}}


class Catalogued:
    """One entry; `params` are the values that people saw."""

    def __init__(self, entry: Action, adapter: SupervisedAction) -> None:
        self.name = entry.name
        self.retry = adapter.retry
        self._entry = entry
        self._adapter = adapter

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Return what the adapter would do. Raises VendorError; VendorRefused for values that it does not take."""
        return await self._adapter.dry_run(self._given(params))

    async def execute(self, approved: RunAction) -> ActionResult:
        """Do it once. Raises VendorUnavailable (nothing was done), VendorRefused or OutcomeUnknown."""
        return await self._adapter.execute(self._as_given(approved))

    async def find(self, approved: RunAction, since: datetime) -> ActionResult | None:
        """Look whether it was done; None: not found. Raises VendorError."""
        return await self._adapter.find(self._as_given(approved), since)

    def _as_given(self, approved: RunAction) -> RunAction:
        return approved.model_copy(update={"params": self._given(approved.params)})

    def _given(self, params: Mapping[str, str]) -> dict[str, str]:
        problems = self._entry.problems(params)
        if problems:
            raise VendorRefused(f"{self.name}: not asked, {'; '.join(problems)}", 0)
        return self._entry.for_adapter(params)
