"""Names that anybody can have chosen, such as the labels of requests, as a model may see them."""

import re

from incident_copilot.llm.unwanted import reads_like_an_order

_NAME = re.compile(r"[\w.:/@+-]{1,40}(?: [\w.:/@+-]{1,20}){0,2}")


def as_label(name: str) -> str:
    """Return a name of at most three words; what is longer, has other signs or reads like an order is not shown."""
    return name if _NAME.fullmatch(name) and not reads_like_an_order(name) else "(a name that is not shown)"
