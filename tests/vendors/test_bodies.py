"""JSON from strangers: bounded, unambiguous, storable."""

import pytest

from incident_copilot.errors import BadPayload
from incident_copilot.vendors.bodies import clean, load, load_form, load_objects


def test_object_is_read():
    assert load("am", '{"a": [1, 2.5, "ü", null, {"b": true}]}'.encode()) == {"a": [1, 2.5, "ü", None, {"b": True}]}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "am: the body is not JSON: Expecting value at line 1, column 1"),
        (b'{"a": }', "am: the body is not JSON: Expecting value at line 1, column 7"),
        (b"[]", "am: the body is not a JSON object"),
        (b'{"a": "\xff"}', "am: the body is not UTF-8"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "am: c: the key is there twice"),
        (b'{"a": NaN}', "am: NaN is not a finite number"),
        (b'{"a": -Infinity}', "am: -Infinity is not a finite number"),
        (b'{"a": 1e999}', "am: 1e999 is not a finite number"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "am: the body holds a number with too many digits"),
        (b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}", "am: the body is nested deeper than 64 levels"),
        (b"[" * 100_000 + b"]" * 100_000, "am: the body is nested deeper than 64 levels"),
    ],
)
def test_what_is_not_one_plain_object_is_refused(body, problem):
    with pytest.raises(BadPayload) as caught:
        load("am", body)

    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (rb'{"a\u003ab": 1.5, "c": ["\u0000x"]}', {"a:b": 1.5, "c": ["x"]}),
        (rb'{"a": "Infinity", "b:c": ":"}', {"a": "Infinity", "b:c": ":"}),
        (rb'{"a": "\ud800", "b": {"c\u0000": "\u0000"}}', {"a": "", "b": {"c": ""}}),
    ],
    ids=["escaped colon", "word that is a number elsewhere", "half of a pair"],
)
def test_odd_but_harmless_bodies_are_read_all_the_same(body, read):
    assert load("am", body) == read


@pytest.mark.parametrize(
    "body",
    [rb'{"a": 1, "a": "\u003a"}', rb'{"a": {"b": 1, "b": 2}, "c\u003a": 1}', rb'{"a": 1, "a\u0000": 2}'],
    ids=["escape in the value", "escape elsewhere", "alike once cleaned"],
)
def test_key_that_is_there_twice_cannot_be_hidden(body):
    with pytest.raises(BadPayload, match="the key is there twice"):
        load("am", body)


def test_64_levels_are_taken():
    assert load("am", b'{"a": ' + b"[" * 63 + b"]" * 63 + b"}")["a"] != []


@pytest.mark.parametrize(("text", "kept"), [("a\x00b\ud800c", "abc"), ("x" * 5, "xxxxx"), ("x" * 6, "xxxx…")])
def test_text_is_made_storable(text, kept):
    assert clean(text, 5) == kept


@pytest.mark.parametrize(
    ("body", "objects"),
    [(b'[{"a": 1}, {}]', [{"a": 1}, {}]), (b'{"a": 1}', [{"a": 1}]), (b"[]", [])],
)
def test_objects_of_a_list_are_read(body, objects):
    assert load_objects("dd", body) == objects


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"7", "dd: the body is not a JSON object"),
        (b'[{}, "x"]', "dd: [1] is not a JSON object"),
        (b'[{"a": ' + b"[" * 64 + b"]" * 64 + b"}]", "dd: the body is nested deeper than 64 levels"),
        (b'[{"a": 1, "a": 2}]', "dd: a: the key is there twice"),
    ],
)
def test_list_of_anything_else_is_refused(body, problem):
    with pytest.raises(BadPayload) as caught:
        load_objects("dd", body)

    assert str(caught.value) == problem


def test_form_is_read_and_can_be_stored():
    assert load_form("zap", b"a=1&b=x%00%20y&c=") == {"a": "1", "b": "x y", "c": ""}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"a=1&a=2", "zap: a: the field is there twice"),
        (b"a=%FF", "zap: the body is not a form of at most 256 fields in UTF-8"),
        (b"\xff", "zap: the body is not a form of at most 256 fields in UTF-8"),
        (b"&".join(b"f%d=1" % n for n in range(257)), "zap: the body is not a form of at most 256 fields in UTF-8"),
    ],
)
def test_form_that_is_none_is_refused(body, problem):
    with pytest.raises(BadPayload) as caught:
        load_form("zap", body)

    assert str(caught.value) == problem
