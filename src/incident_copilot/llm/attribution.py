"""Says whose words a sentence of a model repeats, where nothing that was measured or computed says the same.

What somebody wrote is evidence too, such as an alert's text, a line of a log or a message, and may be wrong or a lie.
Grounding asks whether evidence says it; people are to read who does.
"""

from collections.abc import Collection, Mapping

from incident_copilot.domain.evidence import Quote
from incident_copilot.llm.grounding import Said, why_struck
from incident_copilot.llm.names import Known
from incident_copilot.llm.sentences.places import claimed
from incident_copilot.llm.sentences.stems import stems

Told = tuple[str, Quote | None]
"""A text that a model was given, and what of it others wrote."""
_CLAIMS_NOTHING = stems("requests rate ratio share percent threshold")
"""Of what something is measured: a measured figure may have another name for it than an alert."""


def attributed(said: Said, told: Mapping[str, Told], known: Known) -> str:
    """Return a sentence that stands as people read it: "An alert says: ..." where it is words of others.

    `told` is all that the model was given, by the id that it cites. A sentence is ours where texts of our own hold its
    figures and names, and every word of it that others use.
    """
    writer = _writer(said, told, known)
    return f"{writer} says: {said.text}" if writer else said.text


def _writer(said: Said, told: Mapping[str, Told], known: Known) -> str | None:
    quotes = {ref: quote for ref, (_, quote) in told.items() if quote}
    own = {ref: text.replace(quote.text or text, " ") if quote else text for ref, (text, quote) in told.items()}
    asked = frozenset[str]().union(*(place.stems for place in claimed(said.text, known)))
    theirs = asked - stems("\n".join(own.values())) - _CLAIMS_NOTHING
    cited = [quotes[ref] for ref in said.evidence if ref in quotes]
    if nearest := _nearest(theirs, cited) or _nearest(theirs, quotes.values()):
        return nearest.by
    if not cited or _holds(said.evidence, said, own, known) or _holds(own, said, own, known):
        return None
    return (_nearest(asked, cited) or cited[0]).by


def _nearest(words: Collection[str], quotes: Collection[Quote]) -> Quote | None:
    """Return the quote that has most of these words; None where none has one."""
    shared = {quote: len(stems(quote.text).intersection(words)) for quote in quotes}
    nearest = max(shared, key=lambda one: shared[one], default=None)
    return nearest if nearest and shared[nearest] else None


def _holds(refs: Collection[str], said: Said, own: Mapping[str, str], known: Known) -> bool:
    return why_struck(said.model_copy(update={"evidence": tuple(refs)}), own, known=known) is None
