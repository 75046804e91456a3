"""Puts shapes of log lines together that are one message: by position first, then by which words really vary."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import eq

from incident_copilot.analysis.shapes import ANY, is_variable, plain, skeleton, untyped, widened

Tokens = tuple[str, ...]

_SIMILAR = 0.5
_OPEN = 5  # so many different words in one place are names; fewer are what the message says
_OPEN_STATES = 20  # the same for UPPER_CASE words, which are states and types
_COMPARED = 100  # of the groups of one leaf, so that a log without any order stays quick
_NAMING = frozenset({"user", "username", "hostname", "named", "called"})


def group(shapes: Iterable[Tokens]) -> dict[Tokens, Tokens]:
    """Return the template of each shape."""
    leaves: dict[tuple[object, ...], list[_Loose]] = defaultdict(list)
    for shape in dict.fromkeys(shapes):
        _put(shape, leaves[_leaf_of(shape)])
    alike: dict[Tokens, list[Tokens]] = defaultdict(list)
    of: dict[Tokens, Tokens] = {}
    for members in (part for leaf in leaves.values() for loose in leaf for part in _told_apart(loose.members)):
        template = _collapsed(_common(members))
        bones = tuple(map(untyped, template))
        alike[bones].append(template)
        of.update(dict.fromkeys(members, bones))
    told = {bones: _common(templates) for bones, templates in alike.items()}
    return {shape: told[bones] for shape, bones in of.items()}


class _Loose:
    """Shapes of one length that share most tokens."""

    def __init__(self, bones: Tokens) -> None:
        self.bones = bones
        self.members: list[Tokens] = []


def _leaf_of(shape: Tokens) -> tuple[object, ...]:
    """Return the length and the first two words that are no values."""
    words = [token for token in shape if plain(token)]
    return len(shape), *words[:2]


def _put(shape: Tokens, leaf: list[_Loose]) -> None:
    """Add a shape to the group that is most similar, or to one of its own."""
    bones = tuple(map(skeleton, shape))
    best, best_shared = None, _SIMILAR * len(shape)
    for loose in leaf[-_COMPARED:]:
        shared = sum(map(eq, loose.bones, bones))
        if shared >= best_shared:
            shared -= sum(1 for a, b in zip(loose.bones, bones, strict=True) if a != b and plain(a) and plain(b))
        if shared > best_shared or (best is None and shared == best_shared):
            best, best_shared = loose, shared
    if best is None:
        best = _Loose(bones)
        leaf.append(best)
    best.members.append(shape)
    best.bones = tuple(a if a == b else ANY for a, b in zip(best.bones, bones, strict=True))


def _told_apart(members: Sequence[Tokens]) -> list[list[Tokens]]:
    """Split a group by the places where a few plain words differ, which is what the messages say."""
    telling = [place for place in range(len(members[0])) if _tells(place, members)]
    parts: dict[Tokens, list[Tokens]] = defaultdict(list)
    for shape in members:
        parts[tuple(plain(shape[place]) or skeleton(shape[place]) for place in telling)].append(shape)
    return list(parts.values())


def _tells(place: int, members: Sequence[Tokens]) -> bool:
    """Whether what differs at a place is what the messages say: a few plain words, or other `keys=`, but no names."""
    seen = {shape[place] for shape in members}
    keys = {skeleton(token) for token in seen}
    words = set(map(plain, seen))
    if "" in words:
        return 1 < len(keys) < _OPEN and all("=" in key for key in keys)
    before = plain(members[0][place - 1]) if place else ""
    limit = _OPEN_STATES if all(map(str.isupper, words)) else _OPEN
    return 1 < len(words) < limit and before.lower() not in _NAMING


def _common(members: Sequence[Tokens]) -> Tokens:
    common = members[0]
    for shape in members[1:]:
        common = tuple(map(widened, common, shape))
    return common


def _collapsed(template: Tokens) -> Tokens:
    """Return a template in which variables side by side count as one, so that lists of any length are the same."""
    kept: list[str] = []
    for token in template:
        if not (kept and is_variable(token) and is_variable(kept[-1])):
            kept.append(token)
    return tuple(kept)
