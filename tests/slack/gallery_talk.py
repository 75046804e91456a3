"""What the gallery shows of the copilot's talk with people: catching up, answers as they grow, one's own App Home."""

from datetime import timedelta

import slack_samples as given_a
from slack_samples import NOON

from incident_copilot.domain.catalog import OnCall
from incident_copilot.domain.evidence import EvidenceGap
from incident_copilot.domain.task import Task
from incident_copilot.pipeline.answer import HELP, Answer, Step
from incident_copilot.pipeline.facts import Cite, Fact
from incident_copilot.pipeline.for_managers import Told
from incident_copilot.pipeline.look_back import Changed, LookedBack
from incident_copilot.pipeline.my_work import Review, Work
from incident_copilot.pipeline.recap import InShort, Moment, Recap
from incident_copilot.slack.views import answer as answers
from incident_copilot.slack.views.blocks import Rendered
from incident_copilot.slack.views.home import closed, home
from incident_copilot.slack.views.recap import for_managers, in_short, looked_back, recap

URL = "https://acme.slack.com/"


def entries():
    """Each as name, what is shown, by which view, and whether only one person sees it."""
    incident = given_a.incident()
    said = tuple(
        Moment(
            at=NOON - timedelta(minutes=n), text=f"Dev: the pool has {n} of 20 left", ref=f"C0INC:{n}.1", pinned=n == 9
        )
        for n in range(10)
    )
    done = (
        Moment(at=NOON, text="Ben acknowledged INC-42."),
        Moment(at=NOON, text="Ana approved “Roll back payments”."),
    )
    caught_up = Recap(
        incident=incident,
        since=NOON - timedelta(minutes=20),
        state=("INC-42: P1 high, open, for 23 min. Nobody leads it yet.", "Alerts: 2 firing, 0 resolved."),
        cause="Likely cause: payments v2.31.0 was deployed 30 s before the onset",
        for_you=("You are on call for checkout.", "Waits for your decision: Roll back payments to v2.30.4"),
        done=done,
        left_out=3,
        said=(said[9], *said[:6]),
        messages=said,
    )
    yield _alone("catchup", recap, caught_up, URL)
    none = {"since": NOON, "done": (), "said": (), "messages": (), "for_you": (), "cause": None, "left_out": 0}
    yield _alone("catchup-nothing-new", recap, Recap(**(caught_up.__dict__ | none)), URL)
    sentences = (("The pool of payments ran out after the deploy.", ("C0INC:1.1", "C0INC:2.1")),)
    yield _alone("catchup-in-short", in_short, InShort(incident, sentences, "142 of 310 messages used"), URL)
    yield _alone("catchup-in-short-nothing", in_short, InShort(incident, (), "310 of 310 messages used"), URL)
    changes = tuple(
        Changed(
            at=NOON - timedelta(minutes=4),
            before="60 s before",
            text="Deploy v2.31.0, by dev",
            service=service,
            is_near=service == "payments",
            evidence_id="e",
            link="https://github.example/pull/7",
        )
        for service in ("payments", "search")
    )
    gaps = (EvidenceGap(source="GitHub", reason="no answer in 3 s"),)
    yield _alone("before", looked_back, LookedBack(incident, changes, left_out=2, gaps=gaps))
    yield _alone("before-nothing", looked_back, LookedBack(incident, ()))
    told = Told(
        given_a.incident(commander="U0BEN"),
        impact=("checkout works with faults: about 20% of what is asked of it fails.", "Customers use it directly."),
        expectation=("People are working on it.", "A remedy is proposed and waits for a decision."),
        resources=("<@U0BEN> leads it.", "Needed: a decision by approvers and commanders."),
    )
    yield _alone("summary-for-managers", for_managers, told)
    yield "home-of-a-guest", closed(), closed, False
    yield (
        "home-with-own-work",
        home([(incident, [])], work=_work(), page_url="https://copilot.example.com"),
        home,
        False,
    )
    yield "answer-by-facts", _answered(_by_facts()), None, False
    yield "answer-by-model", _answered(_by_model(), [Step("ask", "Asked the model", "complete")]), None, False
    yield "answer-in-progress", _answered(None, [Step("ask", "Asking the model", "in_progress")]), None, False
    unclear = Answer("Which incident do you mean? Say its number with your question.", (Fact("INC-42 a"),), (HELP,))
    yield "answer-which", _answered(unclear), None, False


def _alone(name, view, *arguments):
    return name, view(*arguments), view, True


def _work():
    incident, put = given_a.incident(), given_a.proposal()
    return Work(
        parts=((incident, "you lead it, you are on call for payments"),),
        decisions=((incident, put),),
        todo=(
            (incident, Task(workspace_id="w", incident_id="i", number=2, text="Call Ben", added_by="U", added_at=NOON)),
        ),
        asked=((incident, given_a.update()),),
        reviews=(Review(incident, is_written=True), Review(given_a.incident(number=41), is_written=False)),
        on_call=(("payments", OnCall(primary="U0ANA", secondary="U0BEN")), ("search", OnCall(secondary="U0SAM"))),
    )


def _by_facts():
    cause = Fact("Likely cause: payments v2.31.0", (Cite("Prometheus", link="https://prometheus.example/graph"),))
    against = Fact("Against it: checkout has its own pool", (Cite("the brief", ref="C0INC:9.9"),))
    return Answer("INC-42 HighErrorRate on checkout: cause", (cause, against), id="f" * 32)


def _by_model():
    notes = ("Worded by a language model; each sentence was checked against what it cites. 142 of 310 messages used",)
    return Answer("INC-42 HighErrorRate on checkout: answer", _by_facts().facts, notes, id="f" * 32, is_worded=True)


def _answered(shown, steps=()):
    """The message that the chunks of an answer come to."""
    tasks = [
        {"type": "task_card", "task_id": one["id"], "title": one["title"], "status": one["status"]}
        for one in map(answers.step, steps)
    ]
    plan = [{"type": "plan", "title": "Working", "tasks": tasks}] if tasks else []
    if shown is None:
        return Rendered("Asking the model", plan)
    text = answers.heading(shown)["text"]
    markdown = {"type": "markdown", "text": text}
    return Rendered(text, [*plan, markdown, *answers.blocks(shown, URL), *answers.judged(shown)])
