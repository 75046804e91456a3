"""Who somebody is and what they may do, looked up at the moment of a click."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind, Risk
from incident_copilot.errors import ChatError, DecisionRefused
from incident_copilot.pipeline.deps import Deps

REMEMBER = timedelta(seconds=60)
INCLUDED: Mapping[Role, frozenset[Role]] = {
    Role.VIEWER: frozenset({Role.VIEWER}),
    Role.RESPONDER: frozenset({Role.VIEWER, Role.RESPONDER}),
    Role.COMMS: frozenset({Role.VIEWER, Role.RESPONDER, Role.COMMS}),
    Role.APPROVER: frozenset({Role.VIEWER, Role.RESPONDER, Role.APPROVER}),
    Role.COMMANDER: frozenset(set(Role) - {Role.ADMIN}),
    Role.ADMIN: frozenset(Role),
}
RISKS = (Risk.LOW, Risk.MEDIUM, Risk.HIGH)


async def known(deps: Deps, chat_id: str) -> Person:
    """Return a person with the roles the catalogue gives them; remembered for at most 60 s.

    Raises:
        DecisionRefused: the workspace could not say who this is, so nothing may be decided.
    """
    seen = deps.people_seen.get(chat_id)
    if seen and deps.now() - seen[0] < REMEMBER:
        return seen[1]
    try:
        return await looked_up(deps, chat_id)
    except ChatError as error:
        raise DecisionRefused(
            "I could not check who you are just now. Nothing was recorded; please try again."
        ) from error


async def looked_up(deps: Deps, chat_id: str) -> Person:
    """Return a person as `known` does, always asking the workspace.

    Raises:
        ChatError: it could not say.
    """
    person = with_roles(await deps.chat.person(chat_id), deps.catalog)
    deps.people_seen[chat_id] = (deps.now(), person)
    return person


def with_roles(person: Person, catalog: Catalog) -> Person:
    """Return the person with their roles: outsiders have none; where the catalogue lists nobody all members may act."""
    if person.is_outsider:
        return person.model_copy(update={"roles": frozenset()})
    listed = catalog.person(person.id)
    if listed:
        bounds = {"roles": listed.roles, "max_risk": listed.max_risk, "services": listed.services}
        return person.model_copy(update=bounds)
    roles = {Role.RESPONDER} if catalog.people else {Role.COMMANDER}
    return person.model_copy(update={"roles": frozenset(roles)})


def has(person: Person, role: Role) -> bool:
    """Whether one of the person's roles is or includes this one."""
    return any(role in INCLUDED[own] for own in person.roles)


def member(person: Person, otherwise: str) -> Person:
    """Return a full member of the workspace; of anybody else it is said what comes of it, as in "gets no tasks".

    Raises:
        DecisionRefused: it is a guest, or somebody from outside.
    """
    if person.is_outsider:
        raise DecisionRefused(f"<@{person.id}> is not a full member of this workspace and {otherwise}.")
    return person


def require(person: Person, role: Role, what: str) -> None:
    """Let nobody through without the role.

    Raises:
        DecisionRefused: says what is missing and who can help.
    """
    if person.is_outsider:
        raise DecisionRefused(f"Guests and people from outside this workspace cannot {what}.")
    if not has(person, role):
        raise DecisionRefused(f"To {what} you need the role {role}; ask an admin to add it in catalog.yaml.")


def require_operator(person: Person, catalog: Catalog, what: str) -> None:
    """Let only those through who run the copilot: admins, and commanders where the catalogue names no admin.

    Raises:
        DecisionRefused: says what is missing and who can help.
    """
    has_admins = any(Role.ADMIN in one.roles for one in catalog.people)
    require(person, Role.ADMIN if has_admins else Role.COMMANDER, what)


def require_right_to_decide(person: Person, proposal: Proposal) -> None:
    """Let nobody decide what is not theirs to decide.

    Raises:
        DecisionRefused: says what is missing.
    """
    role, what = _needed_for(proposal)
    require(person, role, what)
    if proposal.kind is ProposalKind.ACTION:
        require_within_bounds(person, proposal.risk, proposal.service)


async def lost_right(deps: Deps, approved_by: Iterable[str], proposal: Proposal) -> str | None:
    """Return who of those that approved may not do so any more, and why; None where all may.

    Raises:
        ChatError: the workspace could not say who they are.
    """
    for chat_id in approved_by:
        try:
            require_right_to_decide(await looked_up(deps, chat_id), proposal)
        except DecisionRefused as refusal:
            return f"<@{chat_id}> may not approve it any more ({str(refusal).rstrip('.')})"
    return None


def require_within_bounds(person: Person, risk: Risk, service: str | None) -> None:
    """Let no approver decide what is riskier than, or on another service than, the catalogue lets them.

    Raises:
        DecisionRefused: says what they may approve.
    """
    if RISKS.index(risk) > RISKS.index(person.max_risk):
        raise DecisionRefused(f"You may approve actions up to {person.max_risk} risk; this one is {risk} risk.")
    if person.services and service not in person.services:
        own = ", ".join(person.services)
        raise DecisionRefused(f"You may approve actions on {own}; this one is on {service or 'no service'}.")


def who_may_decide(proposal: Proposal) -> str:
    """Return in words who may decide a proposal."""
    return {Role.APPROVER: "approvers and commanders", Role.COMMS: "the comms lead and commanders"}.get(
        _needed_for(proposal)[0], "responders"
    )


def _needed_for(proposal: Proposal) -> tuple[Role, str]:
    if proposal.kind is ProposalKind.ACTION:
        return Role.APPROVER, "approve or reject actions"
    if proposal.audience and proposal.audience.is_outside:
        whose = "customer updates" if proposal.audience is Audience.CUSTOMERS else "updates for outside parties"
        return Role.COMMS, f"approve or reject {whose}"
    return Role.RESPONDER, "decide proposals"
