"""A loud incident is reviewed whole: what was deleted is absent, what was edited is as it is now; B15 measures more."""

from benchmarks.review import measure


async def test_review_of_many_messages_says_what_it_used_and_leaves_deleted_ones_out(tmp_path):
    taken = await measure(tmp_path, messages=60, many=12)

    written = taken.written
    facts = dict(written.postmortem.facts)
    assert facts["Built from"] == (
        "log rows: 1, timeline: 66 (messages: 54), alerts: 12 of 12, evidence: 0; deleted messages, left out: 6"
    )
    assert "message 10 edited" in written.markdown
    assert "message 12 said" in written.markdown
    assert "message 11" not in written.markdown
    assert "alerts" in written.postmortem.charts
