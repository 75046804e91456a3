"""The state of a running world: its clock, what was dispatched towards it, and whether that healed it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from incident_copilot.sandbox.world.catalog import Service
from incident_copilot.sandbox.world.changes import Deploy
from incident_copilot.sandbox.world.scenario import Scenario
from incident_copilot.sandbox.world.spec import Spec

_RUN_S = 3.0
_FIRST_RUN = 9_100_000_001


class Dispatch(Spec):
    """A workflow run; `heals_at_s` None: it changes nothing about the incident."""

    run_id: int
    at_s: float
    repo: str
    workflow: str
    ref: str
    inputs: dict[str, str]
    finishes_at_s: float
    conclusion: str
    heals_at_s: float | None

    @property
    def title(self) -> str:
        """Return the run's name, which GitHub shows and which carries all inputs for looking it up again."""
        told = ", ".join(f"{name}={value}" for name, value in self.inputs.items())
        return f"{self.workflow}: {told}"


class SilenceMatcher(Spec):
    """What a silence asks of one label, in the words of Alertmanager's API."""

    name: str
    value: str
    isRegex: bool = False  # noqa: N815 -- the API's own name
    isEqual: bool = True  # noqa: N815 -- the API's own name


class Silence(Spec):
    """A silence that somebody made at this world's Alertmanager."""

    id: str
    matchers: tuple[SilenceMatcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str


class WorldState:
    """What the HTTP answers are computed from."""

    def __init__(
        self,
        scenario: Scenario,
        alert_at: datetime,
        now: Callable[[], datetime],
        dispatched: Sequence[Dispatch] = (),
    ) -> None:
        self.scenario = scenario
        # GitHub and Alertmanager print whole seconds, and distances between events must survive that.
        self.alert_at = alert_at.replace(microsecond=0)
        self.dispatches: list[Dispatch] = list(dispatched)
        self.silences: list[Silence] = []
        self._now = now

    @property
    def elapsed_s(self) -> float:
        """Return the seconds since the first alert."""
        return (self._now() - self.alert_at).total_seconds()

    @property
    def healed_at_s(self) -> float | None:
        """Return when the world heals, which may still lie ahead; None: nothing has been done that heals it."""
        known = [dispatch.heals_at_s for dispatch in self.dispatches]
        return min((at_s for at_s in [*known, self.scenario.recovers_after_s] if at_s is not None), default=None)

    def time(self, at_s: float) -> datetime:
        """Return the moment so many seconds after the first alert."""
        return self.alert_at + timedelta(seconds=at_s)

    def relative_s(self, unix_s: float) -> float:
        """Return how many seconds after the first alert a unix time is."""
        return unix_s - self.alert_at.timestamp()

    @property
    def alert_ns(self) -> int:
        """Return the first alert in unix nanoseconds, exactly."""
        return int(self.alert_at.timestamp()) * 1_000_000_000

    def service_of(self, repo: str) -> Service | None:
        """Return the service that is deployed from the repository; None: there is no such repository."""
        return next((service for service in self.scenario.catalog.services if service.repo == repo), None)

    def deploys(self, repo: str) -> list[Deploy]:
        """Return what has been deployed by now from the repository, newest first, rollbacks included."""
        known = [deploy for deploy in self.scenario.deploys if deploy.repo == repo]
        versions = {deploy.version: deploy for deploy in known}
        again = [
            versions[dispatch.inputs["version"]].model_copy(
                update={"at_s": dispatch.finishes_at_s, "title": dispatch.title, "author": "github-actions[bot]"}
            )
            for dispatch in self.dispatches
            if dispatch.repo == repo and dispatch.conclusion == "success" and self._deploys(dispatch)
        ]
        past = [deploy for deploy in [*known, *again] if deploy.at_s <= self.elapsed_s]
        return sorted(past, key=lambda deploy: deploy.at_s, reverse=True)

    def required_inputs(self, repo: str, workflow: str) -> list[set[str]]:
        """Return the sets of inputs of which the workflow needs one; empty: there is no such workflow."""
        service = self.service_of(repo)
        rollback = service.rollback if service else None
        needed = [{"service", "version"}] if rollback and rollback.workflow == workflow else []
        return needed + [
            set(remedy.inputs)
            for remedy in self.scenario.remedies
            if (remedy.repo, remedy.workflow) == (repo, workflow) and set(remedy.inputs) not in needed
        ]

    def dispatch(self, repo: str, workflow: str, ref: str, inputs: Mapping[str, str]) -> Dispatch:
        """Start the workflow; the same dispatch again is another run, as at GitHub."""
        at_s = self.elapsed_s
        heals_after_s = self._heals_after_s(repo, workflow, inputs)
        started = Dispatch(
            run_id=_FIRST_RUN + len(self.dispatches),
            at_s=at_s,
            repo=repo,
            workflow=workflow,
            ref=ref,
            inputs=dict(inputs),
            finishes_at_s=at_s + _RUN_S,
            conclusion="success" if self._version_exists(repo, inputs) else "failure",
            heals_at_s=None if heals_after_s is None else at_s + heals_after_s,
        )
        self.dispatches.append(started)
        return started

    def silence(
        self,
        matchers: tuple[SilenceMatcher, ...],
        starts_at: datetime,
        ends_at: datetime,
        created_by: str,
        comment: str,
    ) -> Silence:
        """Make a silence; the same one again is another one, as at Alertmanager."""
        made = Silence(
            id=f"00000000-0000-4000-8000-{len(self.silences) + 1:012d}",
            matchers=matchers,
            starts_at=max(starts_at, self._now()),
            ends_at=ends_at,
            created_by=created_by,
            comment=comment,
        )
        self.silences.append(made)
        return made

    def end_silence(self, silence_id: str) -> None:
        """End a silence now."""
        now = self._now()
        self.silences = [
            one.model_copy(update={"ends_at": min(now, one.ends_at)}) if one.id == silence_id else one
            for one in self.silences
        ]

    def _heals_after_s(self, repo: str, workflow: str, inputs: Mapping[str, str]) -> float | None:
        if inputs.get("dry_run") == "true":
            return None
        for remedy in self.scenario.remedies:
            if (remedy.repo, remedy.workflow) == (repo, workflow) and remedy.inputs.items() <= inputs.items():
                return remedy.heal_after_s
        return None

    def _version_exists(self, repo: str, inputs: Mapping[str, str]) -> bool:
        versions = {deploy.version for deploy in self.scenario.deploys if deploy.repo == repo}
        return "version" not in inputs or inputs["version"] in versions

    def _deploys(self, dispatch: Dispatch) -> bool:
        return "version" in dispatch.inputs and dispatch.inputs.get("dry_run") != "true"
