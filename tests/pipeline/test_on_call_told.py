"""Briefs say who is on call by the catalogue, once the chat's name of them is known."""

from incident_copilot.store import evidence, people

from .life import Life, big


async def test_brief_names_who_is_on_call_and_cites_the_catalogue(db, clock):
    life = Life(db, clock)
    async with db.transaction() as tx:
        await people.remember(tx, "w", "U0ANA", "Ana", clock())

    incident = await life.opened(big())

    async with db.read() as view:
        brief = await evidence.latest_brief(view, incident.id)
        (line,) = (line for line in brief.lines if line.text.startswith("On call"))
        (cited,) = await evidence.some(view, line.evidence_ids)
    assert line.text == "On call: Ana."
    assert (cited.source, cited.summary) == ("catalogue", "Ana is on call by the catalogue, first.")
