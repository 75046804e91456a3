"""Files of the workspace: announced, uploaded, then shared in a channel."""

from dataclasses import dataclass, field
from mimetypes import guess_type

from incident_copilot.sandbox.wire import Json


@dataclass(slots=True)
class File:
    """`content` is None until the bytes were uploaded."""

    id: str
    name: str
    length: int
    user: str
    created: int
    url: str
    alt_txt: str = ""
    title: str = ""
    content: bytes | None = None
    channels: list[str] = field(default_factory=list)

    @property
    def mimetype(self) -> str:
        return guess_type(self.name)[0] or "application/octet-stream"

    def wire(self) -> Json:
        """The file object of messages and `files.info`."""
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2],
            "pretty_type": self.name.rpartition(".")[2].upper(),
            "user": self.user,
            "mode": "hosted",
            "size": self.length,
            "is_external": False,
            "is_public": True,
            "url_private": self.url,
            "url_private_download": self.url,
            "permalink": self.url,
            "channels": list(self.channels),
            "alt_txt": self.alt_txt,
        }
