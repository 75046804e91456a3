"""GitHub's issues with a hidden mark that tells what each is of, as two plugins need them.

API: https://docs.github.com/en/rest/issues/issues
"""

import re
from collections.abc import Sequence

from pydantic import BaseModel, RootModel

_KEY = re.compile(r"<!-- copilot:([0-9a-z-]{1,120}) -->")


class Issue(BaseModel):
    """An issue; what is no open one is closed."""

    number: int
    state: str = "open"
    body: str | None = None
    html_url: str | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it is closed, for whatever reason."""
        return self.state == "closed"


class Issues(RootModel[Sequence[Issue]]):
    """A page of issues."""


def marked(text: str, key: str) -> str:
    """Return a text with a mark that people do not see."""
    return f"{text}\n\n<!-- copilot:{key} -->"


def is_marked(body: str | None, key: str) -> bool:
    """Whether a text carries this mark."""
    return key in _KEY.findall(body or "")
