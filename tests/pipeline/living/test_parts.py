"""The pieces of a living postmortem, as values: merging, sections as text and back, blame, what is missing."""

import pytest

from incident_copilot.domain.postmortem import (
    ActionItem,
    Approval,
    Line,
    Part,
    Postmortem,
    Review,
    ReviewState,
    Section,
    Source,
)
from incident_copilot.pipeline.living import blameless, compose, missing, plain, three_way
from incident_copilot.store.reviews import Version
from pipeline.review_records import at

ROW = Source(ref="log:3", label="Action log, row 3: proposal:approved")
READING = Source(ref="evidence:0193aaaaaaaaaaaaaaaaaaaaaa3fa29c", label="Prometheus: errors")
EDIT = Source(ref="log:9", label="Action log, row 9: postmortem:edited")
IMPACT = Section(
    key="impact",
    heading="Impact",
    lines=(
        Line(text="It lasted 5 min.", sources=(ROW, READING)),
        Line(text="Somebody noted at the end:", sources=(ROW,), at=at(5), detail="Rolled back\nand watched"),
    ),
    parts=(Part(heading="payments v2 (pool 20 -> 4)", tag="likely", lines=(Line(text="It rose.", tag="for"),)),),
    note="People confirm it.",
)
AS_TEXT = """\
- It lasted 5 min. [log:3] [evidence:3fa29c]
- 12:00:05 Somebody noted at the end: [log:3]
  > Rolled back
  > and watched
### payments v2 (pool 20 -> 4) (likely)
- For: It rose.
People confirm it."""


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged", "passed_over"),
    [
        ("abc", "axc", "abcd", "axcd", ""),
        ("abc", "abc", "xyz", "xyz", ""),
        ("abc", "xyz", "abc", "xyz", ""),
        ("abc", "axc", "ayc", "axc", "y"),
        ("abc", "axc", "axc", "axc", ""),
        ("ab", "abm", "abt", "abmt", ""),
        ("abcd", "ad", "abxcd", "ad", "x"),
        ("abcdef", "aXYdef", "abcZef", "aXYZef", ""),
        ("abcdef", "aXef", "abYZef", "aXef", "YZ"),
        ("", "ab", "c", "abc", ""),
        ("abc", "", "abcd", "d", ""),
    ],
)
def test_what_people_changed_and_what_was_computed_anew_are_put_together(base, mine, theirs, merged, passed_over):
    assert three_way.merge(base, mine, theirs) == (tuple(merged), tuple(passed_over))


def test_section_is_text_and_reads_back_as_it_was():
    read = plain.read_back(AS_TEXT, IMPACT, (ROW, READING), EDIT)

    assert plain.text_of(IMPACT) == AS_TEXT
    assert read == IMPACT


def test_what_somebody_writes_cites_the_sources_it_names_and_the_edit():
    text = """
* About 900 orders failed. [evidence:3fa29c]

- For: It was the pool [log:99]
  > quoted

  words
A note,
and more."""
    read = plain.read_back(text, IMPACT, (ROW, READING), EDIT)

    assert read.lines == (
        Line(text="About 900 orders failed.", sources=(READING, EDIT)),
        Line(text="It was the pool [log:99]", sources=(EDIT,), detail="quoted\nwords", tag="for"),
    )
    assert (read.parts, read.note) == ((), "A note, and more.")


def test_sources_that_were_read_anew_are_no_change():
    base = plain.blocks("- It lasted 5 min. [evidence:3fa29c]\n- Other.")

    assert plain.settled(base, ("- It lasted 5 min. [evidence:aaaaaa]", "- New.")) == (base[0], "- New.")


def version(number, text, by="copilot", log_seq=None):
    return Version(section="impact", version=number, at=at(number), by=by, text=text, log_seq=log_seq)


def written(*sections):
    return Postmortem(incident_id="i", label="INC-1", title="t", written_at=at(0), sections=sections)


def now(*texts):
    return Section(key="impact", heading="Impact", lines=tuple(Line(text=text, sources=(ROW,)) for text in texts))


def test_document_is_what_was_computed_with_what_people_wrote_in_it():
    kept = (
        version(1, "- It lasted 5 min. [log:3]\n- Nobody knows. [log:3]"),
        version(2, "- It lasted 5 min. [log:3]\n- 900 orders failed.", by="U0ANA", log_seq=9),
    )
    computed = written(now("It lasted 6 min.", "Nobody knows.", "More joined."))

    [section] = compose.composed(computed, kept, {"U0ANA": "Ana"}.get)

    assert [(line.text, [source.ref for source in line.sources]) for line in section.lines] == [
        ("It lasted 6 min.", ["log:3"]),
        ("900 orders failed.", ["log:9"]),
        ("More joined.", ["log:3"]),
    ]
    assert (section.edited_by, section.changed) == ("Ana", ())


@pytest.mark.parametrize(
    ("kept", "lines", "changed"),
    [
        ((), ["It lasted 6 min."], ()),
        ((version(1, "- It lasted 5 min. [log:3]"),), ["It lasted 6 min."], ()),
        (
            (version(1, "- It lasted 5 min. [log:3]"), version(2, "- About 5.", by="U0ANA", log_seq=9)),
            ["About 5."],
            ("- It lasted 6 min. [log:3]",),
        ),
        ((version(1, None), version(2, "- Mine.", by="U0ANA", log_seq=9)), ["Mine."], (compose.ERASED,)),
        ((version(1, "- Base. [log:3]"), version(2, None, by="U0ANA", log_seq=9)), ["It lasted 6 min."], ()),
        (
            (version(1, "- It lasted 6 min. [log:3]"), version(2, "- It lasted 6 min. [log:3]", by="U0A", log_seq=9)),
            ["It lasted 6 min."],
            (),
        ),
    ],
)
def test_what_changed_beneath_an_edit_is_said(kept, lines, changed):
    [section] = compose.composed(written(now("It lasted 6 min.")), kept, str)

    assert ([line.text for line in section.lines], section.changed) == (lines, changed)


def test_new_texts_of_sections_are_those_that_differ_from_the_newest_that_is_kept():
    kept = (version(1, "- Old. [log:3]"), version(2, "- Same. [log:3]"), version(3, "- Mine.", by="U0ANA"))

    assert compose.stale(written(now("Same.")), kept) == {}
    assert compose.stale(written(now("Other.")), kept) == {"impact": "- Other. [log:3]"}


def test_approvals_are_of_the_text_of_all_sections():
    assert compose.digest(written(now("a"))) == compose.digest(written(now("a")).model_copy(update={"title": "x"}))
    assert compose.digest(written(now("a"))) != compose.digest(written(now("b")))


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("It was Ana's fault.", "'s fault"),
        ("Nobody is to blame for it.", "to blame"),
        ("A careless change went out.", "careless"),
        ("The cause was human error.", "human error"),
        ("The limit should have been higher.", "should have"),
        ("The on-call forgot the switch.", "on-call forgot"),
        ("Somebody messed up the rollout.", "messed up"),
    ],
)
def test_sentence_that_blames_is_flagged_with_a_suggestion(sentence, words):
    [flag] = blameless.flags(f"It lasted 5 min. {sentence} It is over.")

    assert (flag.sentence, flag.words) == (sentence, words)
    assert flag.suggestion


@pytest.mark.parametrize(
    "sentence",
    [
        "The commander approved the rollback.",
        "The check failed, and the pool ran out.",
        "Fault injection was on.",
        "The health check could not reach payments.",
    ],
)
def test_plain_facts_are_not_flagged(sentence):
    assert blameless.flags(sentence) == []


def test_somebody_named_in_blame_is_to_be_called_by_their_part():
    [flag] = blameless.flags("Ana made a mistake. Ben helped.", {"Ana": "the commander"})

    assert flag.suggestion == (
        "Say which change or step led to it, and what let it through. "
        "Call people by the part they played, as in the commander."
    )


def test_flags_are_told_in_short():
    found = blameless.flags("It was my fault. " * 7)[:0] + [blameless.Flag("S.", "w", "Say.")] * 7

    assert blameless.told(found) == ['"S." (w): Say.'] * 5 + ["and 2 more"]


REVIEW = Review(workspace_id="w", incident_id="i", written_at=at(0), sha256="a" * 64)


def test_what_is_missing_is_said():
    ours = Section(key="went_well", heading="What went well")
    asks = Section(key="open_questions", heading="Open questions", lines=(Line(text="Why?"),))
    edited = now("It was his fault.").model_copy(update={"edited_by": "Ana", "changed": ("- x",)})
    items = [ActionItem(text="a", kind="detect"), ActionItem(text="b", kind="detect", due=at(0).date())]

    assert missing.in_words(written(edited, ours, asks), None, items) == [
        "nobody owns the review",
        "nobody has added what they saw or learnt",
        "computed anew below an edit: Impact",
        "1 open question",
        "2 action items have no person",
        "1 action item has no due date",
        "1 sentence blames somebody",
    ]
    twice = Section(key="impact", heading="I", edited_by="A", lines=(Line(text="His fault. Her fault."),))
    many = [ActionItem(text="a", kind="detect", assignee="U0ANA")] * 2
    questions = asks.model_copy(update={"lines": (Line(text="Why?"), Line(text="How?"))})
    assert missing.in_words(written(twice, questions), REVIEW, many) == [
        "nobody owns the review",
        "2 open questions",
        "2 action items have no due date",
        "2 sentences blame somebody",
        "nobody has approved it",
    ]


def test_nothing_is_missing_once_it_is_reviewed():
    mine = Section(key="lessons", heading="Lessons", edited_by="Ana")
    approved = (Approval(by="U0BEN", at=at(9), sha256="a" * 64),)
    ready = REVIEW.model_copy(update={"owner": "U0ANA", "approvals": approved})
    done = ready.model_copy(update={"state": ReviewState.PUBLISHED, "approvals": ()})
    item = ActionItem(text="a", kind="detect", assignee="U0ANA", due=at(0).date())

    assert missing.in_words(written(mine), ready, [item]) == []
    assert missing.in_words(written(mine), done, [item]) == []
    assert missing.in_words(written(mine), ready, [item.model_copy(update={"assignee": None})]) == [
        "1 action item has no person"
    ]
