"""The log is told filtered and exported, inert wherever it is opened."""

import json
from datetime import timedelta

import pytest

from incident_copilot.domain.proposal import Choice
from incident_copilot.errors import ConfigError, UnknownThing
from incident_copilot.pipeline import decide, export_log
from incident_copilot.pipeline.export_log import Wanted

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
    return [json.loads(line)["kind"] for line in await export_log.lines(life.deps, Wanted(**wanted), "jsonl")]


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
        await export_log.lines(life.deps, Wanted(number=9), "jsonl")
    with pytest.raises(ConfigError, match="there is no kind approve; some are"):
        await export_log.lines(life.deps, Wanted(kinds=("approve",)), "jsonl")


async def test_csv_is_inert_in_a_spreadsheet_and_markdown_in_a_page(life):
    incident = await life.opened(big())
    await rejected(life, incident, '=HYPERLINK("https://evil.example.net") | <script>alert(1)</script>\nnext')

    wanted = Wanted(number=incident.number, kinds=("reasoned",))
    table = await export_log.lines(life.deps, wanted, "csv")
    page = await export_log.lines(life.deps, wanted, "md")

    rejection = await export_log.lines(life.deps, Wanted(number=incident.number, kinds=("rejected",)), "csv")

    assert "shown_sha256" not in rejection[1]
    assert table[0] == "at,incident,row,who,what,said,sha256"
    assert "2026-11-21 12:00:00,INC-1," in table[1]
    assert 'Ana (U0ANA),proposal reasoned,"proposal: ' in table[1]
    assert "<script>" not in page[2]
    assert "\\| &lt;script&gt;alert(1)&lt;/script&gt; next" in page[2]
    assert page[1] == "| --- | --- | --- | --- | --- | --- | --- |"
