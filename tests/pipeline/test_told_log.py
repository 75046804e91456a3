"""The log is told filtered and exported, inert wherever it is opened; a person is erased and the chain verifies."""

import json
from datetime import timedelta

import pytest

from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.postmortem import Postmortem
from incident_copilot.domain.proposal import Choice
from incident_copilot.errors import ConfigError, UnknownThing
from incident_copilot.pipeline import decide, sealing, told_log
from incident_copilot.pipeline.told_log import Wanted
from incident_copilot.store import postmortems, timeline
from incident_copilot.store.postmortems import StoredPostmortem

from .life import Life, big, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def rejected(life, incident, reason):
    put = await life.put(incident)
    ana = await life.person("ana")
    await decide.vote(life.deps, put.id, 1, Choice.NOT_THIS, ana)
    await decide.give_reason(life.deps, put.id, ana, reason)
    return put


async def kinds_of(life, **wanted):
    return [json.loads(line)["kind"] for line in await told_log.told(life.deps, Wanted(**wanted), "jsonl")]


async def test_rows_are_chosen_by_incident_kind_person_and_time(life, clock):
    one = await life.opened(big())
    await life.opened(small())
    await rejected(life, one, "tried it")
    noon = clock()

    assert await kinds_of(life, number=one.number, kinds=("reasoned",)) == ["proposal:reasoned"]
    assert await kinds_of(life, by="U0ANA", kinds=("rejected", "proposal:reasoned")) == [
        "proposal:rejected",
        "proposal:reasoned",
    ]
    assert await kinds_of(life, since=noon + timedelta(seconds=1)) == []
    assert len(await kinds_of(life, until=noon + timedelta(seconds=1))) == len(await kinds_of(life)) > 4
    assert (await kinds_of(life)).count("incident:opened") == 2


async def test_what_there_is_not_is_told(life):
    with pytest.raises(UnknownThing, match="there is no INC-9"):
        await told_log.told(life.deps, Wanted(number=9), "jsonl")
    with pytest.raises(ConfigError, match="there is no kind approve; some are"):
        await told_log.told(life.deps, Wanted(kinds=("approve",)), "jsonl")


async def test_csv_is_inert_in_a_spreadsheet_and_markdown_in_a_page(life):
    incident = await life.opened(big())
    await rejected(life, incident, '=HYPERLINK("https://evil.example.net") | <script>alert(1)</script>\nnext')

    wanted = Wanted(number=incident.number, kinds=("reasoned",))
    table = await told_log.told(life.deps, wanted, "csv")
    page = await told_log.told(life.deps, wanted, "md")

    rejection = await told_log.told(life.deps, Wanted(number=incident.number, kinds=("rejected",)), "csv")

    assert "shown_sha256" not in rejection[1]
    assert table[0] == "at,incident,row,who,what,said,sha256"
    assert "2026-11-21 12:00:00,INC-1," in table[1]
    assert 'Ana (U0ANA),proposal reasoned,"proposal: ' in table[1]
    assert "<script>" not in page[2]
    assert "\\| &lt;script&gt;alert(1)&lt;/script&gt; next" in page[2]
    assert page[1] == "| --- | --- | --- | --- | --- | --- | --- |"


async def test_person_is_erased_and_the_chains_still_verify(life, clock):
    incident = await life.opened(big())
    put = await rejected(life, incident, "I told Ben so")
    entry = TimelineEntry(
        id="1" * 32,
        incident_id=incident.id,
        at=clock(),
        kind=TimelineKind.MESSAGE,
        text="mine",
        author="U0ANA",
        ref="C:1",
    )
    async with life.deps.db.transaction() as tx:
        await timeline.add(tx, entry)
        written = Postmortem(incident_id=incident.id, label="INC-1", title="t", written_at=clock(), sections=())
        await postmortems.save(tx, StoredPostmortem(postmortem=written, markdown="Ana led it.", html=""))

    said = await told_log.erase(life.deps, "U0ANA")
    again = await told_log.erase(life.deps, "U0ANA")

    assert said == [
        "U0ANA: 1 texts and 1 messages erased, and the name.",
        "Postmortems that still name them: INC-1. Write those anew with /incident postmortem.",
    ]
    assert again == ["U0ANA: 0 texts and 0 messages erased."]
    assert await sealing.check(life.deps, [], None) == ([], 0)
    [message] = await life.timeline(incident, TimelineKind.MESSAGE)
    assert (message.text, message.author, message.deleted) == ("", None, True)
    assert (await life.proposal(put.id)).reason is None
    [line] = (await told_log.told(life.deps, Wanted(number=1, kinds=("reasoned",)), "csv"))[1:]
    assert "reason: (erased)" in line
    assert "U0ANA" in line
    erased = [row.payload for row in await life.workspace_log() if row.kind is LogKind.ERASED]
    assert erased[0] == {"person": "U0ANA", "texts": 1, "messages": 1}
