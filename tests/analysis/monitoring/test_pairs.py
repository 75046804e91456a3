"""Like cases are paired once each, the nearest first; and counted where they were decided otherwise."""

from incident_copilot.analysis.monitoring import pairs
from incident_copilot.analysis.monitoring.pairs import Case, unlike
from incident_copilot.analysis.monitoring.shares import Share

LOAN = "a loan of 5000 for a car over 4 years, income 3200"


def case(text, group, good):
    return Case(pairs.words(text), group, good)


def test_like_cases_of_two_groups_are_paired_the_nearest_first():
    told = [
        case(LOAN, "m", True),
        case(LOAN.replace("3200", "3100"), "f", True),
        case(LOAN.upper(), "f", False),
        case("a loan for a house", "f", False),
    ]

    found = unlike([], told)

    assert (found.across, found.within, found.waiting) == (Share(1, 1), Share(0, 0), [told[1], told[3]])
    assert unlike([], []) == ((0, 0), (0, 0), [])


def test_what_waits_is_paired_with_what_comes_and_counted_once():
    first = unlike([], [case(LOAN, "m", True), case(LOAN, "m", False), case("a loan for a house", "m", True)])
    second = unlike(first.waiting, [case(LOAN, "f", False), case(LOAN, "m", True)])
    third = unlike(second.waiting, [])

    assert (first.across, first.within, len(first.waiting)) == (Share(0, 0), Share(1, 1), 3)
    assert (second.across, second.within, len(second.waiting)) == (Share(1, 1), Share(0, 0), 3)
    assert (third.across, third.within) == (Share(0, 0), Share(0, 0))


def test_of_many_the_last_count():
    told = [case(f"{number} one two three four five", "m", True) for number in range(400)]

    assert len(unlike([], told).waiting) == 300


def test_texts_are_alike_by_the_words_that_both_have():
    assert pairs.likeness(pairs.words("It takes 14 days"), pairs.words("it takes 14 DAYS")) == 1.0
    assert pairs.likeness(pairs.words("yes"), pairs.words("no")) == 0.0
    assert pairs.likeness(frozenset(), frozenset()) == 1.0
