"""What is still to be done before a postmortem is published; said, never enforced but for the approval."""

from collections.abc import Iterator, Sequence

from incident_copilot.domain.postmortem import ActionItem, Postmortem, Review, ReviewState
from incident_copilot.pipeline.living import blameless

OF_PEOPLE = ("went_well", "went_badly", "lucky", "lessons")
"""Sections that rules begin and people complete."""


def in_words(written: Postmortem, review: Review | None, items: Sequence[ActionItem]) -> list[str]:
    """Return what is missing, one line each; `items` are the open ones."""
    return list(_missing(written, review, items))


def _missing(written: Postmortem, review: Review | None, items: Sequence[ActionItem]) -> Iterator[str]:
    if review is None or review.owner is None:
        yield "nobody owns the review"
    yield from _of_sections(written)
    alone = sum(item.assignee is None for item in items)
    if alone:
        yield f"{alone} action {'item has' if alone == 1 else 'items have'} no person"
    undated = sum(item.due is None for item in items)
    if undated:
        yield f"{undated} action {'item has' if undated == 1 else 'items have'} no due date"
    flagged = blameless.of_document(written)
    if flagged:
        yield f"{len(flagged)} {'sentence blames' if len(flagged) == 1 else 'sentences blame'} somebody"
    if review and review.state is not ReviewState.PUBLISHED and not review.approvals:
        yield "nobody has approved it"


def _of_sections(written: Postmortem) -> Iterator[str]:
    by_key = {section.key: section for section in written.sections}
    untouched = [by_key[key].heading for key in OF_PEOPLE if key in by_key and not by_key[key].edited_by]
    if len(untouched) == len([key for key in OF_PEOPLE if key in by_key]) and untouched:
        yield "nobody has added what they saw or learnt"
    changed = [section.heading for section in written.sections if section.changed]
    if changed:
        yield f"computed anew below an edit: {', '.join(changed)}"
    questions = len(by_key["open_questions"].lines) if "open_questions" in by_key else 0
    if questions:
        yield f"{questions} open {'question' if questions == 1 else 'questions'}"
