"""What an incident taught, as text of a runbook: steps added to one that there is, or a first draft of one.

Commands come from people's messages and are checked before they stand in a runbook: what destroys, or runs what a
server sends, is left out, and what changes something carries its risk. A person reads every draft before it counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.proposal import Risk
from incident_copilot.knowledge.hazards import caution_about, risk_of
from incident_copilot.knowledge.parameters import PARAMETERS

MENDS, LESSONS = "Mitigation", "Learnt from incidents"
LONGEST = 300
_TOOLS = (
    *("kubectl", "oc", "helm", "argocd", "systemctl", "journalctl", "docker", "psql", "mysql", "redis-cli", "curl"),
    *("aws", "gcloud", "az", "terraform", "promtool", "logcli", "amtool", "kafka-topics", "kafka-consumer-groups"),
)
_COMMAND = re.compile(rf"(?:sudo )?(?:{'|'.join(map(re.escape, _TOOLS))})(?:\.sh)? \S[^\n`]*")
_MARKED = re.compile(r"```\n?(?P<block>[^`]+)```|`(?P<inline>[^`\n]+)`")
_NUMBERED = re.compile(r"^(?P<number>[0-9]+)\. ", re.MULTILINE)
_REVIEWED = re.compile(r"^last_reviewed: .*$", re.MULTILINE)
_HEADING = re.compile(r"^## ", re.MULTILINE)


class Did(Frozen):
    """Something that people did: a sentence, how it went, and commands that they wrote."""

    text: str
    why: str = ""
    commands: tuple[str, ...] = ()


class Learnt(Frozen):
    """What one incident taught: what was done and helped, what was ruled out, and what people noted.

    `values` are what parameters such as {{service}} stand for in it; `left_out` counts commands that are too risky.
    """

    label: str
    on: date
    helped: tuple[Did, ...] = ()
    ruled_out: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    values: Mapping[str, str] = {}
    left_out: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether it taught nothing that a runbook could hold."""
        return not (self.helped or self.ruled_out or self.noted)


class Problem(Frozen):
    """What a first draft is about."""

    title: str
    alerts: tuple[str, ...]
    service: str | None
    kind: str
    severity: str
    owner: str
    summary: str
    expression: str | None = None
    cause: str = ""


def commands_in(text: str) -> list[str]:
    """Return the commands that somebody wrote between backticks: whole lines that begin with a known tool."""
    marked = (found["block"] or found["inline"] for found in _MARKED.finditer(text))
    lines = (line.strip().removeprefix("$ ") for part in marked for line in part.splitlines())
    return [line for line in lines if _COMMAND.fullmatch(line) and len(line) <= LONGEST]


def is_fit(command: str) -> bool:
    """Whether a command may stand in a draft: one that destroys, or runs what it was sent unread, may not."""
    return risk_of([command]) is not Risk.HIGH and not caution_about([command])


def changed(source: str, learnt: Learnt) -> str:
    """Return the text of a runbook with what was learnt: steps below Mitigation, the rest below its own heading."""
    steps = [_general(one, learnt) for one in learnt.helped]
    text = _with_steps(source, [one for one in steps if not _says(source, one)])
    text = _with_lessons(text, [line for line in _lessons(learnt) if line not in source])
    return _REVIEWED.sub(f"last_reviewed: {learnt.on}", text, count=1) if text != source else source


def drafted(problem: Problem, learnt: Learnt) -> str:
    """Return a first draft of a runbook, in the sections that runbooks here have."""
    steps = [_step(number, _general(one, learnt)) for number, one in enumerate(learnt.helped, start=1)]
    parts = [
        _front_matter(problem, learnt),
        f"## Meaning\n\n{_line(problem.summary)}",
        f"## Diagnosis\n\n{_diagnosis(problem)}",
        f"## {MENDS}\n\n" + ("\n\n".join(steps) or "1. **Write here what helps.** Nobody has yet."),
        f"## Verify\n\n{_query(problem, 'See that it is back inside its limit.')}",
        f"## Escalation\n\n1. **Call {_line(problem.owner) or 'the owners'}.** They know the service.",
        f"## {LESSONS}\n\n" + "\n".join(_lessons(learnt)),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _with_steps(text: str, added: Sequence[Did]) -> str:
    if not added:
        return text
    begin, end = _section(text, MENDS)
    if begin is None:
        steps = "\n\n".join(_step(number, one) for number, one in enumerate(added, start=1))
        return f"{text.rstrip()}\n\n## {MENDS}\n\n{steps}\n"
    inside = text[begin:end]
    last = max((int(found["number"]) for found in _NUMBERED.finditer(inside)), default=0)
    steps = "\n\n".join(_step(number, one) for number, one in enumerate(added, start=last + 1))
    return f"{text[:begin]}{inside.rstrip()}\n\n{steps}\n{_gap(text[end:])}{text[end:]}"


def _with_lessons(text: str, added: Sequence[str]) -> str:
    if not added:
        return text
    begin, end = _section(text, LESSONS)
    if begin is None:
        return f"{text.rstrip()}\n\n## {LESSONS}\n\n" + "\n".join(added) + "\n"
    return f"{text[:begin]}{text[begin:end].rstrip()}\n" + "\n".join(added) + f"\n{_gap(text[end:])}{text[end:]}"


def _section(text: str, heading: str) -> tuple[int | None, int]:
    """Return where the text below a heading begins and ends; None where there is no such heading."""
    found = re.search(rf"^## {heading}\s*$", text, re.MULTILINE)
    if found is None:
        return None, len(text)
    following = _HEADING.search(text, found.end())
    return found.end(), following.start() if following else len(text)


def _gap(rest: str) -> str:
    return "\n" if rest else ""


def _says(source: str, one: Did) -> bool:
    """Whether a runbook says this already: the same sentence, or all of its commands."""
    return f"**{_line(one.text).rstrip('.')}.**" in source or (
        bool(one.commands) and all(command in source for command in one.commands)
    )


def _general(one: Did, learnt: Learnt) -> Did:
    """Return a step with the names of this incident's things replaced by the parameters that stand for them."""
    return one.model_copy(update={"commands": tuple(_with_parameters(command, learnt) for command in one.commands)})


def _with_parameters(command: str, learnt: Learnt) -> str:
    # The longest value first, because one may contain another; of two parameters with one value the plainest wins.
    for name, value in sorted(learnt.values.items(), key=lambda one: -len(one[1])):
        if len(value) > 2 and name in PARAMETERS:
            command = re.sub(rf"(?<![\w.{{-]){re.escape(value)}(?![\w}}])", f"{{{{{name}}}}}", command)
    return command


def _step(number: int, one: Did) -> str:
    lines = [f"{number}. **{_line(one.text).rstrip('.')}.** {_line(one.why)}".rstrip()]
    if one.commands:
        lines += ["   ```bash", *(f"   {command}" for command in one.commands), "   ```"]
    if risk := risk_of(one.commands):
        lines.append(f"   Risk: {risk}")
    return "\n".join(lines)


def _lessons(learnt: Learnt) -> Iterator[str]:
    about = f"{learnt.label} ({learnt.on})"
    yield from (f"- {about}: {_line(one.text)}. {_line(one.why)}".rstrip() for one in learnt.helped)
    yield from (f"- {about}, ruled out: {_line(text)}" for text in learnt.ruled_out)
    yield from (f"- {about}, noted: {_line(text)}" for text in learnt.noted)
    if learnt.left_out:
        yield f"- {about}: {learnt.left_out} risky commands were left out; they are in the incident's channel."


def _front_matter(problem: Problem, learnt: Learnt) -> str:
    rows = {
        "title": _quoted(problem.title),
        "alerts": _listed(problem.alerts),
        "services": _listed([problem.service] if problem.service else []),
        "types": _listed([problem.kind]),
        "severity_hint": problem.severity,
        "owner": _quoted(problem.owner),
        "last_reviewed": str(learnt.on),
    }
    return "\n".join(["---", *(f"{name}: {value}" for name, value in rows.items()), "---"])


def _diagnosis(problem: Problem) -> str:
    cause = f"\n\n2. **Look whether it is the cause of last time.** {_line(problem.cause)}" if problem.cause else ""
    return _query(problem, "See how bad it is, and since when.") + cause


def _query(problem: Problem, text: str) -> str:
    if not problem.expression or "'" in problem.expression or "\n" in problem.expression:
        return f"1. **{text}** Look at what the alert measures."
    return f"1. **{text}**\n   ```bash\n   promtool query instant \"$PROMETHEUS_URL\" '{problem.expression}'\n   ```"


def _line(text: str) -> str:
    """Return text from outside as one line in which nothing is markup, nor a parameter."""
    flat = " ".join(text.split())[:LONGEST]
    plain = re.sub(r"[`*<>\[\]]|\{\{|\}\}", "", flat)
    return re.sub(r"\brisk:", "risk -", plain, flags=re.IGNORECASE)  # which would be read as the step's own risk


def _quoted(text: str) -> str:
    return '"' + _line(text).replace("\\", "").replace('"', "'") + '"'


def _listed(names: Sequence[str]) -> str:
    return "[" + ", ".join(map(_quoted, names)) + "]"
