"""What the tests of actions share: an approval, and the request of a dry run taken apart."""

import json

from incident_copilot.domain.effect import RunAction


def approved(params, wanted=None, key="key-1"):
    """An approval of these parameters, by one person."""
    return RunAction(
        proposal_id="p", version=1, action="a", params=params, key=key, approved_by=("U1",), wanted=wanted or {}
    )


def request_of(shown):
    """Method and address, and the body, None where there is none."""
    address, _, body = shown.request.partition("\n")
    return address, json.loads(body) if body else None


def sent(route):
    """The body that was sent last."""
    return json.loads(route.calls.last.request.content)
