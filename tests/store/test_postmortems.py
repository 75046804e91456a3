"""The newest writing of a postmortem is kept."""

from incident_copilot.domain.postmortem import Line, Postmortem, Section
from incident_copilot.store import postmortems
from incident_copilot.store.postmortems import StoredPostmortem


async def test_newest_writing_is_kept(any_db, clock, open_incident):
    incident = await open_incident(any_db)

    def written(text):
        section = Section(key="summary", heading="Summary", lines=(Line(text=text),))
        postmortem = Postmortem(
            incident_id=incident.id, label="INC-1", title="t", written_at=clock(), sections=(section,)
        )
        return StoredPostmortem(postmortem=postmortem, markdown=f"# {text}", html=f"<h1>{text}</h1>")

    async with any_db.transaction() as tx:
        before = await postmortems.get(tx, incident.id)
        await postmortems.save(tx, written("first"))
        await postmortems.save(tx, written("second"))

        assert before is None
        assert await postmortems.get(tx, incident.id) == written("second")
