"""The document as it stands: each section as it was computed, with what people wrote in it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import Postmortem, Section, Source
from incident_copilot.pipeline.living import plain, three_way
from incident_copilot.pipeline.living.three_way import Merged
from incident_copilot.store.reviews import Version

ERASED = "What it was written upon was erased."


Called = Callable[[str], str]


def composed(computed: Postmortem, versions: Sequence[Version], called: Called) -> tuple[Section, ...]:
    """Return the sections with people's words in them; lines that were computed anew elsewhere come along.

    `called` returns the name that somebody goes by.
    """
    by_section: dict[str, list[Version]] = {}
    for version in versions:
        by_section.setdefault(version.section, []).append(version)
    sources = [source for section in computed.sections for line in section.all_lines for source in line.sources]
    return tuple(_section(one, by_section.get(one.key, []), sources, called) for one in computed.sections)


def stale(computed: Postmortem, versions: Sequence[Version]) -> Mapping[str, str]:
    """Return the sections, by key, whose computed text differs from the newest that is kept, with that text."""
    newest = {version.section: version.text for version in versions if version.is_computed}
    texts = {section.key: plain.text_of(section) for section in computed.sections}
    return {key: text for key, text in texts.items() if newest.get(key) != text}


def digest(written: Postmortem) -> str:
    """Return the SHA-256 of what people approve: the text of all sections."""
    texts = (f"{section.key}\n{plain.text_of(section)}" for section in written.sections)
    return hashlib.sha256("\n\n".join(texts).encode()).hexdigest()


def of_edit(version: Version) -> Source:
    """Return the source of what somebody wrote: the log row of the edit."""
    return Source(
        ref=f"log:{version.log_seq}", label=f"Action log, row {version.log_seq}: {LogKind.POSTMORTEM_EDITED.value}"
    )


def _section(computed: Section, versions: Sequence[Version], sources: Sequence[Source], called: Called) -> Section:
    edit = next((one for one in reversed(versions) if not one.is_computed and one.text is not None), None)
    if edit is None or edit.text is None:
        return computed
    before = [one for one in versions if one.is_computed and one.version < edit.version]
    base = before[-1].text if before else None
    mine, now = plain.blocks(edit.text), plain.blocks(plain.text_of(computed))
    began = plain.blocks(base) if base is not None else None
    merged = Merged(mine, (ERASED,)) if began is None else three_way.merge(began, mine, plain.settled(began, now))
    if merged.lines == now:
        return computed
    read = plain.read_back("\n".join(merged.lines), computed, sources, of_edit(edit))
    return read.model_copy(update={"edited_by": called(edit.by), "changed": merged.passed_over})
