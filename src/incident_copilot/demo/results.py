"""What a demo leaves behind: postmortem, action log and transcript as files."""

import json
from pathlib import Path

from incident_copilot.errors import UnknownThing
from incident_copilot.store import action_log, incidents, postmortems
from incident_copilot.store.db import Db

TRANSCRIPT = "transcript.md"


async def log_lines(db: Db, workspace_id: str, number: int) -> list[str]:
    """Return an incident's action log, one JSON object a line.

    Raises:
        UnknownThing: there is no incident of this number.
    """
    async with db.read() as view:
        found = await incidents.by_number(view, workspace_id, number)
        if found is None:
            raise UnknownThing(f"there is no INC-{number}")
        entries = await action_log.entries(view, found.id)
    return [json.dumps(entry.model_dump(mode="json"), ensure_ascii=False) for entry in entries]


async def write(out: Path, db: Db, workspace_id: str, number: int, transcript: str) -> list[str]:
    """Write postmortem.md, postmortem.html, action-log.jsonl and transcript.md; returns their names.

    Raises:
        UnknownThing: there is no such incident, or no postmortem of it.
    """
    async with db.read() as view:
        found = await incidents.by_number(view, workspace_id, number)
        written = await postmortems.get(view, found.id) if found else None
    if written is None:
        raise UnknownThing(f"there is no postmortem of INC-{number}")
    texts = {
        "postmortem.md": written.markdown,
        "postmortem.html": written.html,
        "action-log.jsonl": "\n".join(await log_lines(db, workspace_id, number)) + "\n",
        TRANSCRIPT: transcript,
    }
    for name, text in texts.items():
        _write(out, name, text)
    return list(texts)


def write_transcript(out: Path, transcript: str) -> None:
    """Write transcript.md alone, where the story did not come to its end."""
    _write(out, TRANSCRIPT, transcript)


def _write(out: Path, name: str, text: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / name).write_text(text, encoding="utf-8")
