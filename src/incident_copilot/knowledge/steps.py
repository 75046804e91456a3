"""Read the body of a runbook: Markdown in, sections with steps out."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from incident_copilot.domain.proposal import Risk
from incident_copilot.errors import ConfigError
from incident_copilot.knowledge.hazards import caution_about, risk_of
from incident_copilot.knowledge.runbook import Section, Step, StepKind, is_alert_name

# The first that matches wins: "Verify the fix" verifies, "Rollback" is no mitigation.
_KIND_BY_HEADING = (
    (re.compile(r"verif|confirm|validat"), StepKind.VERIFY),
    (re.compile(r"roll ?back|revert"), StepKind.ROLLBACK),
    (re.compile(r"escalat"), StepKind.ESCALATION),
    (re.compile(r"mitigat|remediat|resol|recover|solution|fix"), StepKind.MITIGATION),
    (re.compile(r"diagnos|investigat|troubleshoot|debug|analys"), StepKind.DIAGNOSTIC),
    (re.compile(r"first|check|triage|initial|\bsteps\b|\bactions?\b|procedure|what to do"), StepKind.CHECK),
)
_RISK = re.compile(r"^Risk:(?P<risk>.*)$", re.MULTILINE)
_BOLD_START = re.compile(r"\*\*(?P<text>.+?)\*\*\s*(?P<why>.*)", re.DOTALL)
_FIRST_SENTENCE = re.compile(r"(?P<text>.+?[.!?])(?:\s+(?P<why>.*))?", re.DOTALL)
_LEAD = "lead"
"""Below every level of heading, h1 to h6."""
_LONGEST_LEAD = 6
_LISTS = frozenset({"ordered_list_open", "bullet_list_open"})
_COMMANDS = frozenset({"fence", "code_block"})
_MARKDOWN = MarkdownIt("commonmark")


class _Part(NamedTuple):
    heading: str
    kind: StepKind | None
    start: int
    end: int
    tokens: Sequence[Token]


def read_sections(title: str, body: str, first_line: int) -> tuple[Section, ...]:
    """The sections under second-level headings; a body without one is a single section with the title as heading.

    A third-level heading that is an alert's name begins a section too, as in playbooks for many alerts.

    `first_line` is the line of the file that the body starts on, for messages.

    Raises:
        ConfigError: a risk is none of low, medium, high; names the line.
    """
    lines = body.splitlines()
    seen: Counter[str] = Counter()
    sections = []
    for part in _parts(title, _MARKDOWN.parse(body), len(lines)):
        text = "\n".join(lines[part.start : part.end]).strip()
        anchor = _anchor(part.heading, seen)
        inner = tuple(_anchor(heading, seen) for heading in _headings(part.tokens))
        if text:
            steps = tuple(_steps(part, first_line))
            sections.append(Section(id=anchor, heading=part.heading, text=text, steps=steps, anchors=inner))
    return tuple(sections)


def kind_of_heading(heading: str) -> StepKind | None:
    """What the steps under a heading are for; None: the section is for reading."""
    lowered = heading.lower()
    return next((kind for pattern, kind in _KIND_BY_HEADING if pattern.search(lowered)), None)


def _parts(title: str, tokens: Sequence[Token], line_count: int) -> Iterator[_Part]:
    begins = [at for at, token in enumerate(tokens) if token.type == "heading_open" and _begins_section(tokens, at)]
    if not begins or _has_prose(tokens[: begins[0]]):
        until = begins[0] if begins else len(tokens)
        end = _first_line(tokens[until]) if begins else line_count
        yield _Part(title, kind_of_heading(title), 0, end, tokens[:until])
    above: StepKind | None = None
    for at, following in zip(begins, [*begins, None][1:], strict=True):
        heading = tokens[at + 1].content
        kind = kind_of_heading(heading)
        above = kind if tokens[at].tag == "h2" else above
        yield _Part(
            heading=heading,
            kind=kind or above,
            start=_last_line(tokens[at]),
            end=line_count if following is None else _first_line(tokens[following]),
            tokens=tokens[at + 3 : following],
        )


def _begins_section(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].tag == "h2" or (tokens[at].tag == "h3" and is_alert_name(tokens[at + 1].content))


def _headings(tokens: Sequence[Token]) -> Iterator[str]:
    """Headings below the first and second level."""
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag > "h2":
            yield tokens[at + 1].content


def _has_prose(tokens: Sequence[Token]) -> bool:
    return any(token.type != "heading_open" for token in tokens if token.level == 0 and token.nesting >= 0)


def _steps(part: _Part, first_line: int) -> Iterator[Step]:
    told = ((kind, item) for kind, tokens in _by_kind(part) for item in _told(tokens))
    for number, (kind, item) in enumerate(told, start=1):
        yield _step(number, item, kind, first_line)


def _by_kind(part: _Part) -> Iterator[tuple[StepKind, Sequence[Token]]]:
    """What stands under each heading inside, where it or one above it says what its steps are for."""
    above = [("", part.kind)]
    start = 0
    for at, tag, heading in [*_smaller_headings(part.tokens), (len(part.tokens), "", "")]:
        kind = kind_of_heading(heading)
        # A lead that says nothing of the kind only ends what one before it began.
        if tag == _LEAD and kind is None and above[-1][0] != _LEAD:
            continue
        if (above_it := above[-1][1]) is not None:
            yield above_it, part.tokens[start:at]
        above = [one for one in above if one[0] < (tag or _LEAD)]
        above.append((tag, kind or above[-1][1]))
        start = at + 3


def _smaller_headings(tokens: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    """Where headings stand, their level and text; a short lead of a list is one: "How to fix:"."""
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0:
            yield at, token.tag, tokens[at + 1].content
        elif token.type == "paragraph_open" and token.level == 0 and _is_lead(tokens[at + 1 : at + 4]):
            yield at, _LEAD, tokens[at + 1].content


def _is_lead(following: Sequence[Token]) -> bool:
    said = following[0].content.rstrip("* ")
    return said.endswith(":") and len(said.split()) <= _LONGEST_LEAD and following[-1].type in _LISTS


def _told(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The steps among these: numbered items, else bullets, else paragraphs with commands."""
    top_lists = {token.type for token in tokens if token.level == 0}
    if "ordered_list_open" in top_lists:
        return _items(tokens, "ordered_list_item")
    if "bullet_list_open" in top_lists:
        return _items(tokens, "bullet_list_item")
    return _told_with_commands(tokens)


def _told_with_commands(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """A paragraph and the commands below it, as many write steps without a list."""
    paragraph: Token | None = None
    commands: list[Token] = []
    for token in tokens:
        if token.type == "inline" and token.level == 1:
            if paragraph and commands:
                yield [paragraph, *commands]
            paragraph, commands = token, []
        elif token.type in _COMMANDS and token.level == 0:
            commands.append(token)
    if paragraph and commands:
        yield [paragraph, *commands]


def _items(tokens: Sequence[Token], wanted: str) -> Iterator[Sequence[Token]]:
    """The tokens of each item of the top-level lists of one type."""
    list_type = ""
    start = 0
    for at, token in enumerate(tokens):
        if token.level == 0:
            list_type = token.type
        elif token.level == 1 and token.type == "list_item_open":
            start = at + 1
        elif token.level == 1 and token.type == "list_item_close" and list_type == wanted.replace("item", "open"):
            yield tokens[start:at]


def _step(number: int, item: Sequence[Token], kind: StepKind, first_line: int) -> Step:
    risk: Risk | None = None
    paragraphs = []
    for token in item:
        if token.type == "inline":
            risk = _risk(token, first_line) or risk
            paragraphs.append(_RISK.sub("", token.content).strip())
    text, why = _text_and_why(" ".join(" ".join(paragraphs).split()))
    commands = tuple(token.content.strip() for token in item if token.type in _COMMANDS)
    return Step(
        number=number,
        text=text,
        why=why,
        commands=commands,
        risk=risk or risk_of(commands),
        caution=caution_about(commands),
        kind=kind,
    )


def _risk(inline: Token, first_line: int) -> Risk | None:
    found = _RISK.search(inline.content)
    if found is None:
        return None
    named = found["risk"].strip()
    try:
        return Risk(named.lower())
    except ValueError:
        line = first_line + _first_line(inline)
        raise ConfigError(f'line {line}: risk "{named}" is not known; write low, medium or high') from None


def _text_and_why(prose: str) -> tuple[str, str]:
    found = _BOLD_START.fullmatch(prose) or _FIRST_SENTENCE.fullmatch(prose)
    return (found["text"], found["why"] or "") if found else (prose, "")


def _anchor(heading: str, seen: Counter[str]) -> str:
    """The anchor that Git hosts give a heading; a repeated one gets -1, -2."""
    anchor = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") or "section"
    seen[anchor] += 1
    return anchor if seen[anchor] == 1 else f"{anchor}-{seen[anchor] - 1}"


def _first_line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _last_line(token: Token) -> int:
    return token.map[1] if token.map else 0
