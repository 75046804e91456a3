"""Bodies read by field names: what is missing is empty, what is strange is named."""

import json
from datetime import UTC, datetime

import pytest

from incident_copilot.errors import BadPayload
from incident_copilot.vendors.fields import Fields

SENT = {
    "event": {"id": 7, "title": " Disk full ", "open": True, "ratio": "0.5", "since": 1795250400},
    "tags": ["env:prod", 5, None, " "],
    "words": "a, b,,c",
    "alerts": [{"name": "one"}, {"name": "two", "more": {"deep": []}}],
    "odd": [1],
    "nothing": None,
    "kibana.alert.id": "k-1",
    "inner": '{"a": {"b": 1}}',
}


def fields(sent=SENT):
    return Fields.of("src", json.dumps(sent).encode())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("event.title", "Disk full"),
        ("event.id", "7"),
        ("event.open", "true"),
        ("kibana.alert.id", "k-1"),
        ("nothing", ""),
        ("missing.deep", ""),
        ("words.deep", ""),
        ("alerts.name", ""),
    ],
)
def test_text_is_what_people_would_read(path, text):
    assert fields().text(path) == text


def test_objects_lists_and_numbers_are_read_by_name():
    sent = fields()

    assert [one.text("name") for one in sent.each("alerts")] == ["one", "two"]
    assert sent.at("event").texts() == {
        "id": "7", "title": "Disk full", "open": "true", "ratio": "0.5", "since": "1795250400",
    }  # fmt: skip
    assert sent.each("alerts")[1].texts() == {"name": "two", "more": '{"deep":[]}'}
    assert sent.texts("missing") == {}
    assert (sent.listed("tags"), sent.listed("words")) == (("env:prod", "5"), ("a", "b", "c"))
    assert (sent.number("event.ratio"), sent.number("missing")) == (0.5, None)
    assert sent.first("missing", "nothing", "event.id") == "7"
    assert sent.picked(title="event.title", none="nothing", gone="missing.deep", odd="odd") == {"title": "Disk full"}
    assert sent.time("event.since") == datetime(2026, 11, 21, 8, 40, tzinfo=UTC)
    assert ("event.id" in sent, "nothing" in sent) == (True, False)
    assert sent.parsed("inner").text("a.b") == "1"
    assert sent.choice("event.title", {"disk full": 1}) == 1
    assert (sent.each("missing"), sent.listed("missing"), sent.at("missing").data) == ((), (), {})


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (lambda sent: sent.text("odd"), "src: odd is not a text"),
        (lambda sent: sent.required("missing.field"), "src: missing.field is missing"),
        (lambda sent: sent.at("words"), "src: words is not an object"),
        (lambda sent: sent.each("words"), "src: words is not a list"),
        (lambda sent: sent.each("odd"), "src: odd[0] is not an object"),
        (lambda sent: sent.at("event").each("id"), "src: event.id is not a list"),
        (lambda sent: sent.each("alerts")[1].at("more").required("x"), "src: alerts[1].more.x is missing"),
        (lambda sent: sent.number("words"), "src: words is not a number"),
        (lambda sent: fields({"n": "nan"}).number("n"), "src: n is not a number"),
        (lambda sent: sent.choice("event.id", {"up": 1, "down": 2}), "src: event.id is 7, not one of up, down"),
        (lambda sent: sent.parsed("words"), "src: words: the body is not JSON: Expecting value at line 1, column 1"),
        (lambda sent: sent.at("event").parsed("id"), "src: event.id: the body is not a JSON object"),
    ],
)
def test_what_is_strange_is_named_by_source_and_field(asked, problem):
    with pytest.raises(BadPayload) as caught:
        asked(fields())

    assert str(caught.value) == problem


def test_batch_is_a_list_or_the_one_object():
    def names(body):
        return [one.required("name") for one in Fields.each_of("src", body)]

    assert names(b'[{"name": "a"}, {"name": "b"}]') == ["a", "b"]
    assert names(b'{"name": "a"}') == ["a"]
    with pytest.raises(BadPayload, match=r"^src: \[1\]\.name is missing$"):
        names(b'[{"name": "a"}, {}]')


def test_form_is_read_like_any_other_body():
    sent = Fields.of_form("src", b"payload=%7B%22a%22%3A+1%7D&x=+y&empty=")

    assert (sent.parsed("payload").text("a"), sent.text("x"), sent.text("empty")) == ("1", "y", "")


def test_body_that_a_relay_wrapped_is_unwrapped():
    wrapped = {"headers": {}, "body": {"id": 7}}

    assert fields(wrapped).data == {"id": 7}
    assert fields(wrapped | {"more": 1}).text("body.id") == "7"
    assert fields({"headers": {}, "body": "text"}).text("body") == "text"
