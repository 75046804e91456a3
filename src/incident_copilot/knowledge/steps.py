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
from incident_copilot.knowledge.runbook import Section, Step, StepKind

# The first that matches wins: "Verify the fix" verifies, "Rollback" is no mitigation.
_KIND_BY_HEADING = (
    (re.compile(r"verif|confirm|validat"), StepKind.VERIFY),
    (re.compile(r"roll ?back|revert"), StepKind.ROLLBACK),
    (re.compile(r"escalat"), StepKind.ESCALATION),
    (re.compile(r"mitigat|remediat|resol|recover|solution|fix"), StepKind.MITIGATION),
    (re.compile(r"diagnos|investigat|troubleshoot|debug|analys"), StepKind.DIAGNOSTIC),
    (re.compile(r"first|check|triage|initial"), StepKind.CHECK),
)
_RISK = re.compile(r"^Risk:(?P<risk>.*)$", re.MULTILINE)
_BOLD_START = re.compile(r"\*\*(?P<text>.+?)\*\*\s*(?P<why>.*)", re.DOTALL)
_FIRST_SENTENCE = re.compile(r"(?P<text>.+?[.!?])(?:\s+(?P<why>.*))?", re.DOTALL)
_COMMANDS = frozenset({"fence", "code_block"})
_MARKDOWN = MarkdownIt("commonmark")


class _Part(NamedTuple):
    heading: str
    start: int
    end: int
    tokens: Sequence[Token]


def read_sections(title: str, body: str, first_line: int) -> tuple[Section, ...]:
    """The sections under second-level headings; a body without one is a single section with the title as heading.

    `first_line` is the line of the file that the body starts on, for messages.

    Raises:
        ConfigError: a risk is none of low, medium, high; names the line.
    """
    lines = body.splitlines()
    seen: Counter[str] = Counter()
    sections = []
    for part in _parts(title, _MARKDOWN.parse(body), len(lines)):
        text = "\n".join(lines[part.start : part.end]).strip()
        if text:
            steps = tuple(_steps(part, first_line))
            sections.append(Section(id=_anchor(part.heading, seen), heading=part.heading, text=text, steps=steps))
    return tuple(sections)


def kind_of_heading(heading: str) -> StepKind | None:
    """What the steps under a heading are for; None: the section is for reading."""
    lowered = heading.lower()
    return next((kind for pattern, kind in _KIND_BY_HEADING if pattern.search(lowered)), None)


def _parts(title: str, tokens: Sequence[Token], line_count: int) -> Iterator[_Part]:
    headings = [at for at, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"]
    if not headings or _has_prose(tokens[: headings[0]]):
        until = headings[0] if headings else len(tokens)
        yield _Part(title, 0, _first_line(tokens[until]) if headings else line_count, tokens[:until])
    for at, following in zip(headings, [*headings, None][1:], strict=True):
        yield _Part(
            heading=tokens[at + 1].content,
            start=_last_line(tokens[at]),
            end=line_count if following is None else _first_line(tokens[following]),
            tokens=tokens[at + 3 : following],
        )


def _has_prose(tokens: Sequence[Token]) -> bool:
    return any(token.type != "heading_open" for token in tokens if token.level == 0 and token.nesting >= 0)


def _steps(part: _Part, first_line: int) -> Iterator[Step]:
    kind = kind_of_heading(part.heading)
    if kind is None:
        return
    top_lists = {token.type for token in part.tokens if token.level == 0}
    if "ordered_list_open" in top_lists:
        found = _items(part.tokens, "ordered_list_item")
    elif "bullet_list_open" in top_lists:
        found = _items(part.tokens, "bullet_list_item")
    else:
        found = _told_with_commands(part.tokens)
    for number, item in enumerate(found, start=1):
        yield _step(number, item, kind, first_line)


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
