"""The service catalogue of a scenario: who owns what, what depends on what, how it is rolled back."""

from collections.abc import Iterable

import yaml

from incident_copilot.sandbox.world.spec import Spec


class Rollback(Spec):
    """The GitHub workflow that puts another version of a service live."""

    workflow: str
    ref: str = "main"


class Service(Spec):
    """One service or database; `repo` None has no deploys of its own."""

    name: str
    team: str
    tier: int
    user_facing: bool = False
    public_name: str | None = None
    depends_on: tuple[str, ...] = ()
    repo: str | None = None
    environment: str | None = None
    slack_channel: str | None = None
    rollback: Rollback | None = None


class OnCall(Spec):
    """Slack ids of who is called first and second."""

    primary: str
    secondary: str


class Team(Spec):
    """A team and who is on call for it."""

    name: str
    on_call: OnCall


class Person(Spec):
    """A person with roles beyond what their team gives them."""

    slack: str
    name: str
    roles: tuple[str, ...] = ()


class Catalog(Spec):
    """Services, teams and people, as `catalog.yaml` of the copilot has them."""

    services: tuple[Service, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...] = ()


def as_yaml(catalogs: Iterable[Catalog]) -> str:
    """Return the text of one catalog.yaml; of entries with the same name the first one holds."""
    services: dict[str, Service] = {}
    teams: dict[str, Team] = {}
    people: dict[str, Person] = {}
    for catalog in catalogs:
        services = {**{service.name: service for service in catalog.services}, **services}
        teams = {**{team.name: team for team in catalog.teams}, **teams}
        people = {**{person.slack: person for person in catalog.people}, **people}
    merged = Catalog(services=tuple(services.values()), teams=tuple(teams.values()), people=tuple(people.values()))
    return yaml.safe_dump(
        merged.model_dump(mode="json", exclude_none=True), sort_keys=False, width=160, allow_unicode=True
    )
