"""A model that says what its script says, and an incident with two causes that compete."""

import inspect
from datetime import timedelta

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Statement, Verdict
from incident_copilot.domain.investigation import Budget
from incident_copilot.domain.model_call import ModelCall, Role
from incident_copilot.domain.outgoing import outgoing
from incident_copilot.domain.redaction import Redactor
from incident_copilot.errors import ModelUnavailable
from incident_copilot.pipeline.by_model.material import Material
from incident_copilot.pipeline.by_model.sparing import spare
from incident_copilot.pipeline.by_model.turning import asked, begin, turn
from incident_copilot.ports import Answered, ToolRequest, Wanted
from pipeline import samples

BUDGET = Budget(steps=12, tokens=60_000, usd=0.5, seconds=180)
DEADLINE = timedelta(seconds=20)
CALL = ModelCall(model="small", outcome="answered", latency_ms=1500, input_tokens=900, output_tokens=100, cost_usd=0.01)
TYPED = {
    "ChangeAnswer": {"touched": "setting"},
    "SaturationAnswer": {"ran_out": "connections"},
    "DependencyAnswer": {"begins_at": "itself"},
    "DataAnswer": {"wrong": "none"},
    "DatabaseAnswer": {"short_of": "connections"},
    "NetworkAnswer": {"trouble": "none"},
    "KubernetesAnswer": {"doing": "none"},
    "SecurityAnswer": {"intent": "none"},
    "QualityAnswer": {"drifted": "none"},
    "StatisticalAnswer": {"pattern": "step"},
    "ComponentsAnswer": {"begins_in": "none"},
    "LineageAnswer": {"fault": "none"},
    "BehaviourAnswer": {"carried_by": "model version"},
    "EnvironmentAnswer": {"outside": "none"},
}
"""What each type of answer has beside what all have."""


class Scripted:
    """A model that says the next line of its script, and the last one for ever; `seen` is what it was given."""

    def __init__(self, *script):
        self.script = list(script)
        self.seen = []

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline, **_):
        raise ModelUnavailable("it refused", CALL.model_copy(update={"outcome": "it refused"}))

    async def step(self, prompt, leaving, done, tools, answer_type, *, deadline, **_):
        self.seen.append(
            (prompt, leaving.text, list(zip(done, leaving.results, strict=True)), [tool.name for tool in tools])
        )
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if callable(said):
            said = said(leaving.text)
        if inspect.isawaitable(said):
            said = await said
        if isinstance(said, Exception):
            raise said
        if isinstance(said, list):
            return Wanted(requests=tuple(said), call=CALL)
        return Answered(answer=answer_type.model_validate({**said, **TYPED[answer_type.__name__]}), call=CALL)


def away(reason="no answer in 20 s"):
    """No answer."""
    return ModelUnavailable(reason, CALL.model_copy(update={"outcome": reason, "input_tokens": 0, "output_tokens": 0}))


def unfit(reason="it refused"):
    """An answer that is of no use, of a server that is well."""
    return ModelUnavailable(reason, CALL.model_copy(update={"outcome": reason}), is_servers=False)


def asks(tool, /, **arguments):
    """Ask for one look."""
    return [ToolRequest(id="1", name=tool, arguments=arguments)]


def says(*judged, another=None, next_step=None):
    """Answer."""
    return {"judged": list(judged), "another": another, "next_step": next_step}


def judged(hypothesis, confidence, *evidence, against=(), because=""):
    """One judgement."""
    return {
        "hypothesis": hypothesis,
        "confidence": confidence,
        "evidence": list(evidence),
        "against": list(against),
        "because": because,
    }


def another(service, *evidence, confidence=0.9, kind="saturation", because=""):
    """One more cause."""
    return {
        "kind": kind,
        "service": service,
        "confidence": confidence,
        "evidence": list(evidence),
        "because": because,
    }


def log(*lines, **fields):
    """Evidence of lines that payments wrote."""
    at = samples.NOON.timestamp()
    data = {
        "lines": [[at + place, text] for place, text in enumerate(lines)],
        "truncated": False,
        "service": "payments",
        "since": at - 600,
        "until": at + 60,
        "messages": [
            {"message": text, "change": "new", "per_minute_before": 0.0, "per_minute": 12.0, "first_seen": at}
            for text in lines
        ],
    }
    return samples.evidence(
        EvidenceKind.LOG, source="Loki", title="Logs of payments", summary="", query=None, data=data, **fields
    )


def evidence():
    """What is known: E1 the alert, E2 errors of checkout, E3 the deploy, E4 the pool, E5 the logs."""
    pool = {"points": samples.points((40, 4), (13, 20)), "unit": "connections", "service": "payments"}
    alert = {"data": {}, "query": None, "summary": "checkout fails.", "title": "HighErrorRate on checkout"}
    return [
        samples.evidence(EvidenceKind.ALERT, id="alert", **alert),
        samples.evidence(id="errors"),
        samples.change(id="deploy", diff="-pool_size: 20\n+pool_size: 4"),
        samples.evidence(id="pool", title="database pool in use of payments", data=pool, summary="20 since 12:00 UTC."),
        log("pool exhausted after 30 s", id="logs"),
    ]


def causes():
    """H1 the deploy, H2 the pool."""
    return (
        Hypothesis(
            cause="payments v2.31.0 (pool_size 20 -> 4)",
            kind="change",
            verdict=Verdict.POSSIBLE,
            confidence=0.45,
            supporting=(Statement(text="it went out 30 s before errors began", evidence_ids=("deploy",)),),
            contradicting=(Statement(text='it says "pool exhausted" in the logs', evidence_ids=("logs",)),),
            change_id="deploy",
        ),
        Hypothesis(
            cause="payments is at the limit of its connection pool",
            kind="saturation",
            object="payments",
            verdict=Verdict.POSSIBLE,
            confidence=0.3,
            supporting=(Statement(text="the pool is at 20", evidence_ids=("pool",)),),
        ),
    )


def material(*more, **fields):
    """The incident as code knows it."""
    held = {f"E{place}": item for place, item in enumerate([*evidence(), *more], 1)}
    values = {"incident": samples.incident(), "evidence": held, "depends_on": {"checkout": ("payments",)}}
    return Material(**(values | fields))


def begun(known=None, hypotheses=None, **fields):
    """An investigation that has done no step."""
    steps = {"A1": "Roll back payments", "A2": "Restart checkout"}
    return begin(
        known or material(),
        causes() if hypotheses is None else hypotheses,
        steps,
        investigation_id="1" * 32,
        now=samples.NOON,
    ).model_copy(update=fields)


async def step(model, held, known, budget=BUDGET):
    """Do one step with what leaves of what is asked."""
    _, text, shown = asked(held, known)
    leaving = outgoing(text, Redactor(), shown, spare=spare(held, known), room=model.room(Role.STRONG))
    return await turn(model, held, known, leaving, budget, DEADLINE)


async def whole(model, known=None, budget=BUDGET, **fields):
    """Do steps until it is over; return the investigation."""
    known = known or material()
    held = begun(known, **fields)
    while held.is_running:
        held = (await step(model, held, known, budget)).held
    return held
