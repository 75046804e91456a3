"""Search: ranking by words, neighbours, sections, reasons and a comparable score."""

import re

import numpy as np

from incident_copilot.knowledge.search import Document, DocumentSection, Hit, Index


def document(identifier, title, *sections, names=()):
    parts = tuple(DocumentSection(id=f"s{at}", heading=head, text=text) for at, (head, text) in enumerate(sections))
    return Document(id=identifier, title=title, names=names, sections=parts)


DISK = document("disk", "Disk full", ("Meaning", "The file system has no space left."), ("Diagnosis", "Run du."))
QUEUE = document("queue", "Queue backlog", ("Meaning", "Consumers lag behind the messages of a topic."))
CERTIFICATE = document("tls", "Certificate expiry", ("Meaning", "TLS ends."), names=("CertExpiringSoon",))


def found(index, query, limit=10):
    return [hit.document_id for hit in index.search(query, limit)]


def test_document_that_says_the_words_is_found_in_any_inflection():
    assert found(Index.build([DISK, QUEUE, CERTIFICATE]), "consumer lagging, message piling up") == ["queue"]


def test_alert_name_is_found_by_its_parts():
    assert found(Index.build([DISK, QUEUE, CERTIFICATE]), "TlsCertExpiring") == ["tls"]


def test_query_without_a_known_word_finds_nothing():
    index = Index.build([DISK, QUEUE])

    assert index.search("printer jam") == []
    assert index.search("") == []


def test_empty_index_finds_nothing():
    assert Index.build([]).search("disk") == []


def test_limit_keeps_the_best():
    index = Index.build([document("one", "disk"), document("two", "disk full disk")])

    assert found(index, "disk full", limit=1) == ["two"]


def test_title_counts_more_than_body():
    body = document("body", "Something else", ("Meaning", "replication"))
    title = document("title", "Replication", ("Meaning", "something else"))

    assert found(Index.build([body, title, DISK]), "replication")[0] == "title"


def test_words_that_stay_together_win_over_scattered_ones():
    scattered = document("scattered", "x", ("Meaning", "pool of workers waits and every connection closes"))
    together = document("together", "x", ("Meaning", "the connection pool waits and workers close every"))

    assert found(Index.build([scattered, together, DISK]), "connection pool")[0] == "together"


def test_hit_names_the_section_and_the_words_it_matched_on():
    hit = Index.build([DISK, QUEUE]).search("no space left on file system")[0]

    assert hit == Hit(
        document_id="disk",
        section_id="s0",
        score=hit.score,
        words=("space", "left", "file", "system"),
    )
    assert hit.reasons == ('says "space", "left", "file", "system"',)
    assert 0.3 < hit.score <= 1.0


def test_document_without_sections_is_found_by_its_title():
    hit = Index.build([document("bare", "Disk full")]).search("disk")[0]

    assert hit.section_id == ""


def test_score_falls_with_every_word_the_document_does_not_say():
    index = Index.build([DISK, QUEUE, CERTIFICATE])

    full, partial = (index.search(query)[0].score for query in ("disk full", "disk full printer coffee"))

    assert full > 1.5 * partial


def test_particulars_of_one_alert_do_not_lower_the_score():
    index = Index.build([DISK, QUEUE, CERTIFICATE])

    plain, with_values = (index.search(query)[0].score for query in ("disk full", "disk full 97.3 host-109x"))

    assert with_values > 0.6 * plain
    assert index.search("disk full 97.3")[0].score == plain


def test_only_the_beginning_of_an_endless_query_counts():
    index = Index.build([DISK, QUEUE, CERTIFICATE])

    assert found(index, "disk " + "{{ " * 300_000 + "topic") == ["disk"]


def test_saying_a_word_often_does_not_drown_the_others():
    index = Index.build([DISK, QUEUE, CERTIFICATE])

    assert found(index, "disk " * 50 + "consumers lag topic messages")[0] == "queue"


def test_what_one_source_says_everywhere_tells_less_of_its_documents():
    titles = {"a1": "hub one", "a2": "hub two", "a3": "hub three", "b1": "hub four", "b2": "pod five"}

    apart, together = (
        Index.build(Document(id=one, title=title, source=one[0] if told else "") for one, title in titles.items())
        for told in (True, False)
    )

    assert found(apart, "hub") == ["b1", "a1", "a2", "a3"]
    assert found(together, "hub") == ["a1", "a2", "a3", "b1"]


def test_rebuilt_index_reads_only_what_changed_and_finds_the_same():
    before = Index.build([DISK, QUEUE])
    edited = QUEUE.model_copy(update={"title": "Printer jam"})

    after = Index.build([DISK, edited, CERTIFICATE], before)

    assert (len(after), after.ids) == (3, ["disk", "queue", "tls"])
    assert after.search("printer") == Index.build([DISK, edited, CERTIFICATE]).search("printer")
    assert before.search("printer") == []


def test_word_of_no_document_any_more_counts_as_unknown():
    before = Index.build([DISK, QUEUE])
    after = Index.build([DISK], before)

    assert after.search("topic") == []
    assert after.search("disk topic") == Index.build([DISK]).search("disk topic")


class Alike:
    """A meaning in two numbers: about storage, or about anything else."""

    def vectors(self, texts):
        return np.array([[1.0, 0.0] if re.search("disk|storage", text.lower()) else [0.0, 1.0] for text in texts])


def test_meaning_finds_what_shares_no_word_and_moves_what_shares_some():
    index = Index.build([QUEUE, CERTIFICATE, DISK, document("both", "x", ("", "topic disk"))], meaning=Alike())

    assert found(index, "storage topic")[0] == "both"
    assert found(Index.build([QUEUE, DISK]), "storage topic") == ["queue"]


def test_hits_at_given_places_are_answers_even_without_a_shared_word():
    index = Index.build([DISK, QUEUE])

    (hit,) = index.hits([1], "disk", index.scores("disk"))

    assert (hit.document_id, hit.score, hit.words) == ("queue", 0.0, ())


def test_of_many_matches_only_the_best_are_kept_in_their_order():
    many = [document(f"d{at}", "disk " * (1 + at % 3)) for at in range(120)]

    assert found(Index.build(many), "disk", limit=3) == ["d2", "d5", "d8"]


def test_words_that_most_documents_of_another_index_say_count_less():
    kinds = Index.build([document("outage", "Outage of a node"), document("limit", "Quota of a node")])
    reports = Index.build([document(str(number), "An outage") for number in range(40)])

    plain, weighed = kinds.scores("quota after an outage"), kinds.scores("quota after an outage", reports)

    assert plain[0] == plain[1] == weighed[1]
    assert 0 < weighed[0] < plain[0] / 2


def test_rarity_falls_with_the_share_of_documents_and_never_for_a_few():
    def rarity(saying, documents):
        told = [document(str(at), "Outage" if at < saying else "Delay") for at in range(documents)]
        return Index.build(told).rarity("outag")

    assert [rarity(0, 40), rarity(5, 40), rarity(1, 1)] == [1.0, 1.0, 1.0]
    assert 0 < rarity(40, 40) < rarity(20, 40) < 1
