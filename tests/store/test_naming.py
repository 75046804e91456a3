"""Whoever is named in a row of any table is found, and the name replaced; not where a hold keeps it."""

import pytest

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.naming import Named
from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.store import action_log, deliveries, evidence, naming, past_incidents, texts, timeline
from incident_copilot.store.deliveries import Arrived
from incident_copilot.store.tables import texts as texts_table

ZOE = Named(["Zoë Quarz"])
MANY = Named(["Zoë Quarz", *(f"Somebody {number}" for number in range(30))])


@pytest.fixture
async def rows(any_db, clock, open_incident):
    """An incident with a row of each kind that names Zoë, one of no incident, and one of another workspace."""
    theirs = await open_incident(any_db, workspace_id="v", title="Zoë Quarz")
    incident = await open_incident(any_db, title="Zoë Quarz is locked out")
    said = {"incident_id": incident.id, "at": clock(), "kind": TimelineKind.NOTE}
    found = {"incident_id": incident.id, "source": "x", "kind": EvidenceKind.NOTE, "title": "t", "summary": "s"}
    async with any_db.transaction() as tx:
        await timeline.add(tx, TimelineEntry(id="1" * 32, text="Zoë Quarz did it.", author="U0BEN", **said))
        await timeline.add(tx, TimelineEntry(id="2" * 32, text="Zoë Quarzman did it.", author="U0BEN", **said))
        told = Evidence(id="3" * 32, taken_at=clock(), data={"author": "Zoë Quarz"}, **found)
        await evidence.add_all(tx, [told])
        kept = await texts.store_text(tx, incident_id=incident.id, author="U0BEN", text="Ask Zoë Quarz.", now=clock())
        for key, body in (("a", "by Zoë Quarz"), ("b", "by Ben")):
            await deliveries.add(tx, workspace_id="w", source="git", key=key, body=body, now=clock())
        by = {"workspace_id": "w", "incident_id": incident.id, "actor": "U0BEN", "now": clock()}
        await action_log.append(tx, kind=LogKind.DENIED, payload={"because": "Zoë Quarz may not"}, **by)
    return incident, theirs, kept


@pytest.mark.parametrize("named", [ZOE, MANY])
async def test_name_is_found_and_replaced_in_every_kind_of_column(any_db, clock, rows, named):
    incident, theirs, kept = rows
    async with any_db.read() as view:
        found = await naming.find(view, "w", named, [])
        in_log = await naming.in_log(view, "w", named)
    async with any_db.transaction() as tx:
        changed = await naming.erase(tx, found, named, clock())
        again = await naming.erase(tx, found, named, clock())
    async with any_db.read() as view:
        left = await naming.find(view, "w", named, [])
        elsewhere = await naming.find(view, "v", named, [])
        said = [one.text for one in await timeline.of_incident(view, incident.id)]
        altered = await texts.altered(view, {kept["text"]: kept["sha256"]})
        salts = [row.salt for row in await view.execute(texts_table.select())]

    assert changed == {"deliveries": 1, "evidence": 1, "incidents": 1, "texts": 1, "timeline": 1}
    assert (again.total(), left) == (0, [])
    assert said == ["(erased) did it.", "Zoë Quarzman did it."]
    assert [one.key for one in elsewhere] == [{"id": theirs.id}]
    assert (altered, salts) == (set(), [""])
    assert in_log == [(incident.id, 1)]


async def test_words_are_those_that_nobody_else_wrote_and_no_hold_keeps(any_db, clock, open_incident):
    held, free = await open_incident(any_db), await open_incident(any_db)
    wrote = (("U0ZOE", "mine", free.id), ("U0ZOE", "ours", None), ("U0BEN", "ours", None), ("U0ZOE", "kept", held.id))
    async with any_db.transaction() as tx:
        for author, text, whose in wrote:
            await texts.store_text(tx, incident_id=whose, author=author, text=text, now=clock())
            clock.forward(1)
    async with any_db.read() as view:
        said = [await naming.words_of(view, "U0ZOE", ids, 9) for ids in ([held.id], [])]
    assert said == [["mine"], ["kept", "mine"]]


async def test_whoever_searches_past_incidents_reads_one_anew_that_named_somebody(db, clock):
    async with db.transaction() as tx:
        told = PastIncident(id="a/1", title="One", source="a", text="Zoë Quarz put it right.")
        await past_incidents.save(tx, "w", [told], clock())
        before = await past_incidents.state(tx, "w")
        clock.forward(60)
        await naming.erase(tx, await naming.find(tx, "w", ZOE, []), ZOE, clock())
        [left] = await past_incidents.every(tx, "w")
        assert (left.text, await past_incidents.state(tx, "w") == before) == ("(erased) put it right.", False)


async def test_every_page_of_a_table_is_looked_through(db, clock):
    arrived = [Arrived("git", f"k{number:04}", "by Zoë Quarz" if number in (0, 500) else "") for number in range(501)]
    async with db.transaction() as tx:
        await deliveries.add_all(tx, "w", arrived, clock())
    async with db.read() as view:
        assert len(await naming.find(view, "w", ZOE, [])) == 2


async def test_while_an_incident_is_held_its_rows_and_those_of_none_are_left(any_db, rows, open_incident):
    incident, _, _ = rows
    free = await open_incident(any_db, title="Zoë Quarz, once more")
    async with any_db.read() as view:
        found = await naming.find(view, "w", ZOE, [incident.id])

    assert [(one.table, one.incident_id) for one in found] == [("incidents", free.id)]
