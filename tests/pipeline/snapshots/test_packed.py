"""What was gathered becomes files of a bounded size, and what is not in them is said."""

from incident_copilot.domain.snapshot import digest
from incident_copilot.pipeline.snapshots.packed import Rows, packed

ROW = {"b": "ü", "a": 1}
LINE = '{"a": 1, "b": "ü"}\n'.encode()


def test_each_row_is_a_line_and_the_manifest_knows_each_file():
    made = packed([Rows("alerts", [ROW, ROW]), Rows("briefs", [])])

    assert made.files == {"alerts.jsonl": LINE * 2, "briefs.jsonl": b""}
    assert [(one.name, one.rows, one.size) for one in made.listed] == [("alerts.jsonl", 2, 40), ("briefs.jsonl", 0, 0)]
    assert made.listed[0].sha256 == digest(LINE * 2)
    assert made.left_out == ()


def test_what_has_no_room_in_a_file_or_in_all_is_left_out_and_said():
    three = [ROW] * 3
    made = packed([Rows("a", three), Rows("b", three, "2 more of a storm"), Rows("c", three)], most=45, in_all=65)

    assert [one.rows for one in made.listed] == [2, 1, 0]
    assert made.left_out == (
        "a.jsonl: 1 of 3 rows, for want of room.",
        "b.jsonl: 2 of 3 rows, for want of room.",
        "b.jsonl: 2 more of a storm.",
        "c.jsonl: 3 of 3 rows, for want of room.",
    )
