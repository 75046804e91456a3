"""Past incidents like this one: by words, by the kinds of incident that fit both, and what they have in common."""

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.knowledge.kinds import KINDS, kinds
from incident_copilot.knowledge.reading import Document, DocumentSection
from incident_copilot.knowledge.similar import Kinds, PastIndex, similar_incidents


def kind(title, text):
    return Document(id=title, title=title, sections=(DocumentSection(id="kind", heading="", text=text),))


FEW = (
    kind("Storage is full", "A file system or volume has no space left, it is full."),
    kind("A certificate expires", "A TLS certificate expired and handshakes fail."),
    kind("Work piles up", "Consumers lag and messages pile up."),
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


def known(*incidents, among=FEW):
    return PastIndex.build(incidents, Kinds.of(among))


KNOWN = known(FULL_VOLUME, EXPIRED, LAG)


def ids(found):
    return [one.past.id for one in found]


def test_incident_with_the_same_words_is_found_with_what_is_common():
    found = similar_incidents(KNOWN, "Volume full on orders", service="ingest")

    assert ids(found)[0] == "a/1"
    assert found[0].reasons == (
        "the same service, ingest",
        'both say "Volume", "full"',
        "the same kind fits both: Storage is full",
    )


def test_incident_without_a_common_word_is_found_by_the_kind_that_fits_both():
    found = similar_incidents(KNOWN, "no space left on the file system", least=0.0)

    assert ids(found)[0] == "a/1"
    assert found[0].reasons == ("the same kind fits both: Storage is full",)


def test_nothing_like_it_is_an_empty_list():
    assert similar_incidents(KNOWN, "printer jam") == []
    assert similar_incidents(known(), "volume full") == []


def test_incident_itself_is_left_out_and_the_limit_keeps_the_best():
    assert "a/1" not in ids(similar_incidents(KNOWN, "volume full", leave_out={"a/1"}, least=0.0))
    assert ids(similar_incidents(KNOWN, "volume full", limit=1, least=0.0)) == ["a/1"]


def test_without_kinds_words_decide():
    found = similar_incidents(known(FULL_VOLUME, EXPIRED, LAG, among=()), "certificate expired", limit=1, least=0.0)

    assert [(one.past.id, one.reasons) for one in found] == [("b/1", ('both say "certificate", "expired"',))]


def test_opening_of_a_report_tells_its_kind_more_than_what_follows():
    aside = " ".join(["Consumers lag."] * 3)
    opens_with_it = PastIncident(id="c/1", title="A", source="c", text=f"{aside} {'x ' * 400}The volume was full.")
    ends_with_it = PastIncident(id="c/2", title="B", source="c", text=f"The volume was full. {'x ' * 400}{aside}")

    found = similar_incidents(known(ends_with_it, opens_with_it, EXPIRED), "messages pile up", least=0.0)

    assert ids(found)[0] == "c/1"


def test_score_is_half_by_words_and_half_by_kind():
    words_only, both = (
        similar_incidents(known(EXPIRED, among=some), "certificate expired", least=0.0)[0].score for some in ((), FEW)
    )

    assert round(both - words_only, 2) == 0.5


def test_single_incident_is_found_by_its_kind():
    assert ids(similar_incidents(known(FULL_VOLUME), "no space left on the file system")) == ["a/1"]


def test_each_kind_tells_of_itself():
    all_kinds = kinds()
    index = Kinds.of(all_kinds)
    best = [all_kinds[int(index.fit(f"{title}. {text}").argmax())].title for title, text in KINDS.items()]

    assert best == list(KINDS)


def test_kinds_that_diagnosis_knows_are_told_in_words_and_not_in_patterns():
    (told,) = [one for one in kinds() if one.id == "platform.quota"]

    assert told.title == "a service runs into a quota or rate limit"
    assert "too many requests" in told.sections[0].text
    assert not set("\\|?*{}") & set(told.sections[0].text)
