"""A person's names, addresses and words, taken out of texts and JSON wherever they stand by themselves."""

import base64
import re
from collections.abc import Collection
from typing import Any

ERASED = "(erased)"


class Named:
    """What somebody is called: every name, whole and as it is written; "Ana" is not in "Banana"."""

    def __init__(self, names: Collection[str]) -> None:
        """`names` must not be empty; the longest counts first, so that of a full name nothing is left."""
        self.names = tuple(sorted(names, key=len, reverse=True))
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, self.names))})(?!\w)")

    def without(self, value: Any) -> Any:
        """Return a text or JSON value with each name replaced; keys stay, and files are looked into."""
        if isinstance(value, str):
            return self._pattern.sub(ERASED, value)
        if isinstance(value, bytes):
            return self._pattern.sub(ERASED, value.decode(errors="surrogateescape")).encode(errors="surrogateescape")
        if isinstance(value, list | tuple):
            return [self.without(one) for one in value]
        if not isinstance(value, dict):
            return value
        changed = {key: self.without(one) for key, one in value.items()}
        return changed | {"content": self._file(value["content"])} if value.get("do") == "upload" else changed

    def _file(self, content: str) -> str:
        return base64.b64encode(self.without(base64.b64decode(content))).decode()
