"""Past incident: what is known of one that is over, ours or from a report that was brought in."""

from datetime import date

from incident_copilot.domain.base import Frozen


class PastIncident(Frozen):
    """`source` is who wrote it, `cause` and `ended` are for people; `path` is the file, "" for our own.

    What is not `for_models` is found by people alone.
    """

    id: str
    title: str
    source: str
    text: str
    service: str = ""
    happened_on: date | None = None
    cause: str = ""
    ended: str = ""
    path: str = ""
    for_models: bool = True
