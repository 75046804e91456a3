"""Search: ranking by words, neighbours, sections, reasons and a comparable score."""

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
        reasons=('says "space", "left", "file", "system"',),
    )
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
