"""Past incidents like this one: by words, by the runbooks that fit both, and what they have in common."""

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.knowledge.runbook import Library
from incident_copilot.knowledge.runbooks import parse_runbook
from incident_copilot.knowledge.similar import Concepts, PastIndex, similar_incidents


def library(**texts):
    sources = ((name, f"# {name} trouble\n\n## Meaning\n\n{text}".encode()) for name, text in texts.items())
    return Library(runbooks=tuple(parse_runbook(f"{name}.md", source)[0] for name, source in sources))


LIBRARY = library(
    Disk="A file system or volume has no space left, it is full.",
    Certificate="A TLS certificate expired and handshakes fail.",
    Queue="Consumers lag and messages pile up.",
)
FULL_VOLUME = PastIncident(
    id="a/1",
    title="Ingest stopped",
    source="a",
    text="The volume was full.",
    service="ingest",
    ended="Grew the volume.",
)
EXPIRED = PastIncident(id="b/1", title="Sign-in broken", source="b", text="The certificate expired over night.")
LAG = PastIncident(id="b/2", title="Late e-mails", source="b", text="Consumers lag behind.")


def known(*incidents, runbooks=LIBRARY):
    return PastIndex.build(incidents, Concepts.of(runbooks))


KNOWN = known(FULL_VOLUME, EXPIRED, LAG)


def ids(found):
    return [one.past.id for one in found]


def test_incident_with_the_same_words_is_found_with_what_is_common():
    found = similar_incidents(KNOWN, "Volume full on orders", service="ingest")

    assert ids(found)[0] == "a/1"
    assert found[0].reasons == (
        "the same service, ingest",
        'both say "Volume", "full"',
        'the runbook "Disk trouble" fits both',
    )


def test_incident_without_a_common_word_is_found_by_the_runbook_that_fits_both():
    found = similar_incidents(KNOWN, "no space left on the file system", least=0.0)

    assert ids(found)[0] == "a/1"
    assert found[0].reasons == ('the runbook "Disk trouble" fits both',)


def test_nothing_like_it_is_an_empty_list():
    assert similar_incidents(KNOWN, "printer jam") == []
    assert similar_incidents(known(), "volume full") == []


def test_incident_itself_is_left_out_and_the_limit_keeps_the_best():
    assert "a/1" not in ids(similar_incidents(KNOWN, "volume full", leave_out={"a/1"}, least=0.0))
    assert ids(similar_incidents(KNOWN, "volume full", limit=1, least=0.0)) == ["a/1"]


def test_without_runbooks_words_decide():
    found = similar_incidents(known(FULL_VOLUME, EXPIRED, LAG, runbooks=Library()), "certificate expired")

    assert [(one.past.id, one.reasons) for one in found] == [("b/1", ('both say "certificate", "expired"',))]
