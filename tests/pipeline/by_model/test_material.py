"""What an investigation is given: labels for what tells most."""

from incident_copilot.pipeline.by_model.material import labels_for, telling_first
from pipeline import samples


def test_what_is_cited_comes_first_and_what_was_found_again_is_told_once():
    older, cited, newer = (samples.evidence(id=one, title="pool of payments") for one in ("older", "cited", "newer"))
    cpu, later = (samples.evidence(id=one, title="CPU of payments") for one in ("cpu", "later"))
    found = [older, cpu, cited, newer, later]

    assert [item.id for item in telling_first(found, {"cited"})] == ["cited", "later"]
    assert [item.id for item in telling_first(found, {"older", "cited"})] == ["cited", "older", "later"]
    assert [item.id for item in telling_first(found, ())] == ["later", "newer"]
    assert labels_for(telling_first(found, {"cited"})) == {"E1": "cited", "E2": "later"}
