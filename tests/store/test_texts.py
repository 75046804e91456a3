"""Texts: kept apart from the log, so that they can be erased while the log still verifies."""

from incident_copilot.store import texts


async def test_text_is_found_by_its_reference_and_proven_by_its_hash(db, clock):
    async with db.transaction() as tx:
        reference = await texts.store_text(tx, incident_id=None, author="U1", text="too risky", now=clock())
    async with db.read() as view:
        text = await texts.text_of(view, reference["text"])
        as_logged = await texts.altered(view, {reference["text"]: reference["sha256"]})
        otherwise = await texts.altered(view, {reference["text"]: "0" * 64})

    assert (text, as_logged, otherwise) == ("too risky", set(), {reference["text"]})


async def test_same_text_has_another_hash_each_time(db, clock):
    async with db.transaction() as tx:
        references = [
            await texts.store_text(tx, incident_id=None, author="U1", text="no", now=clock()) for _ in range(2)
        ]

    assert references[0]["sha256"] != references[1]["sha256"]


async def test_erased_text_is_gone_and_others_stay(db, clock):
    async with db.transaction() as tx:
        ada = await texts.store_text(tx, incident_id=None, author="U1", text="by Ada", now=clock())
        ben = await texts.store_text(tx, incident_id=None, author="U2", text="by Ben", now=clock())
        erased = await texts.erase(tx, "U1")
    async with db.read() as view:
        left = [await texts.text_of(view, reference["text"]) for reference in (ada, ben)]
        altered = await texts.altered(view, {one["text"]: one["sha256"] for one in (ada, ben)})

    assert (erased, left, altered) == (1, [None, "by Ben"], set())
