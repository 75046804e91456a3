"""Reviews, versions of sections, and action items are kept and found again."""

from datetime import date

import pytest

from incident_copilot.domain.postmortem import ActionItem, External, Review, ReviewState
from incident_copilot.errors import UnknownThing
from incident_copilot.store import action_items, reviews, texts


async def test_every_version_of_a_section_is_kept_and_what_is_erased_is_none(any_db, clock, open_incident):
    incident = await open_incident(any_db)
    key = {"workspace_id": incident.workspace_id, "incident_id": incident.id, "now": clock()}

    async with any_db.transaction() as tx:
        for section, by, text, log_seq in (
            ("impact", "copilot", "- Ana took it.", None),
            ("impact", "U0ANA", "- Mine.", 7),
            ("lessons", "copilot", "- Other.", None),
        ):
            author = None if by == "copilot" else by
            kept = await texts.store_text(tx, incident_id=incident.id, author=author, text=text, now=clock())
            await reviews.add_version(tx, section=section, by=by, text_id=kept["text"], log_seq=log_seq, **key)
        before = await reviews.versions(tx, incident.id)
        erased = (await texts.erase(tx, "U0ANA"), await reviews.erase_naming(tx, "Ana"))
        after = await reviews.versions(tx, incident.id, "impact")

    assert [(one.section, one.version, one.by, one.text, one.log_seq) for one in before] == [
        ("impact", 1, "copilot", "- Ana took it.", None),
        ("impact", 2, "U0ANA", "- Mine.", 7),
        ("lessons", 1, "copilot", "- Other.", None),
    ]
    assert erased == (1, 1)
    assert [(one.version, one.text) for one in after] == [(1, None), (2, None)]


async def test_a_review_is_kept_and_found_by_its_state(any_db, clock, open_incident):
    incident = await open_incident(any_db)
    review = Review(workspace_id=incident.workspace_id, incident_id=incident.id, written_at=clock(), sha256="a" * 64)
    asked = review.model_copy(update={"state": ReviewState.IN_REVIEW, "owner": "U0ANA"})

    async with any_db.transaction() as tx:
        none = await reviews.get(tx, incident.id)
        await reviews.save(tx, review)
        await reviews.save(tx, asked)
        found = await reviews.get(tx, incident.id)
        listed = [
            await reviews.in_states(tx, incident.workspace_id, [state])
            for state in (ReviewState.DRAFT, ReviewState.IN_REVIEW)
        ]

    assert (none, found, listed) == (None, asked, [[], [asked]])


async def test_action_items_are_numbered_and_open_ones_are_found_by_who_has_them(any_db, clock, open_incident):
    incident = await open_incident(any_db)
    workspace = incident.workspace_id

    def item(text, **fields):
        return ActionItem(text=text, kind="prevent", incident_id=incident.id, **fields)

    async with any_db.transaction() as tx:
        alone = await action_items.add(tx, workspace, item("alone"))
        anas = await action_items.add(tx, workspace, item("hers", assignee="U0ANA", due=date(2026, 12, 1)))
        mirrored = External(system="github", key="shop/web#7", url="https://github.example/7", state="open")
        done = await action_items.save(
            tx,
            (await action_items.add(tx, workspace, item("done", assignee="U0ANA"))).model_copy(
                update={"done_at": clock(), "done_by": "U0ANA", "external": mirrored}
            ),
        )
        with pytest.raises(UnknownThing, match="no action item 9"):
            await action_items.get(tx, incident.id, 9)
        every = await action_items.of_incident(tx, incident.id)
        still = await action_items.open_ones(tx, workspace)
        hers = await action_items.open_ones(tx, workspace, ["U0ANA"])
        hers_or_nobodys = await action_items.open_ones(tx, workspace, ["U0ANA", None])

    assert [one.number for one in every] == [1, 2, 3]
    assert (every, still, hers, hers_or_nobodys) == ([alone, anas, done], [anas, alone], [anas], [anas, alone])
    assert [one.is_open for one in every] == [True, True, False]
