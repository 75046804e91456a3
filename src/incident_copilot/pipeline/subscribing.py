"""People who want to hear of serious incidents say so, and how; `subscribers` tells them."""

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import subscriptions
from incident_copilot.store.db import CLICKS
from incident_copilot.store.subscriptions import Subscription


async def subscribe(deps: Deps, person: Person, severity: Severity, *, by_mail: bool) -> Outcome:
    """Tell a person of incidents of a severity and above from now on.

    Raises:
        DecisionRefused: not allowed, or there is no way to send e-mails to them.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.VIEWER, "subscribe to incidents")
    address = _address(deps, person) if by_mail else None
    wanted = Subscription(person=person.id, severity=severity, address=address)
    async with deps.db.transaction(CLICKS) as tx:
        await subscriptions.keep(tx, deps.workspace_id, wanted, deps.now())
        payload = {"severity": severity.value, "by": "email" if by_mail else "dm"}
        await ledger.write(tx, deps, None, LogKind.SUBSCRIBED, person.id, payload)
    return Outcome(text=f"{_words(wanted)} `/incident subscribe off` ends it.")


async def unsubscribe(deps: Deps, person: Person) -> Outcome:
    """Tell a person of nothing any more.

    Raises:
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.transaction(CLICKS) as tx:
        was_there = await subscriptions.forget(tx, deps.workspace_id, person.id)
        if was_there:
            await ledger.write(tx, deps, None, LogKind.UNSUBSCRIBED, person.id, {})
    return Outcome(text="You hear of nothing any more." if was_there else "You had not subscribed.")


async def said(deps: Deps, person_id: str) -> str:
    """Return what somebody has subscribed to, in words."""
    async with deps.db.read() as db:
        known = await subscriptions.of(db, deps.workspace_id, person_id)
    return _words(known) if known else "You have not subscribed."


def _address(deps: Deps, person: Person) -> str:
    """An address that people could type would be a way to send incidents out of the house."""
    known = deps.catalog.person(person.id)
    if known is None or known.email is None:
        raise DecisionRefused("I do not know your e-mail address; ask an admin to add it in catalog.yaml.")
    if not deps.policy.can_mail:
        raise DecisionRefused("I cannot send e-mails: no mail server is set (COPILOT_SMTP_URL).")
    return known.email


def _words(one: Subscription) -> str:
    above = "P0" if one.severity is Severity.P0 else f"P0 to {one.severity}"
    return f"You hear of each {above} {one.how}."
