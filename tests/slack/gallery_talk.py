"""What the gallery shows of the copilot's talk with people: catching up, answers as they grow, one's own App Home."""

import slack_samples as given_a
from slack_samples import NOON

from incident_copilot.domain.catalog import OnCall
from incident_copilot.domain.task import Task
from incident_copilot.pipeline.answer import HELP, Answer, Step
from incident_copilot.pipeline.facts import Cite, Fact
from incident_copilot.pipeline.look_back import LookedBack
from incident_copilot.pipeline.my_work import Review, Work
from incident_copilot.pipeline.recap import InShort, Recap
from incident_copilot.slack.views import answer as answers
from incident_copilot.slack.views.blocks import Rendered
from incident_copilot.slack.views.home import home
from incident_copilot.slack.views.recap import in_short, looked_back, recap

URL = "https://acme.slack.com/"


def entries():
    """Each as name, what is shown, by which view, and whether only one person sees it."""
    incident = given_a.incident()
    nothing = Recap(
        incident=incident,
        since=NOON,
        state=("INC-42: P1 high, open, for 23 min. Nobody leads it yet.", "Alerts: 2 firing, 0 resolved."),
        cause=None,
        for_you=("You are on call for checkout.", "Waits for your decision: Roll back payments to v2.30.4"),
        done=(),
        left_out=0,
        said=(),
        messages=(),
    )
    yield _alone("catchup-nothing-new", recap, nothing, URL)
    yield _alone("catchup-in-short-nothing", in_short, InShort(incident, (), "310 of 310 messages used"), URL)
    yield _alone("before-nothing", looked_back, LookedBack(incident, ()))
    yield (
        "home-with-own-work",
        home([(incident, [])], work=_work(), page_url="https://copilot.example.com"),
        home,
        False,
    )
    yield "answer-by-facts", _answered(_by_facts()), None, False
    yield "answer-by-model", _answered(_by_model(), [Step("ask", "Asked the model", "complete")]), None, False
    yield "answer-in-progress", _answered(None, [Step("ask", "Asking the model", "in_progress")]), None, False
    unclear = Answer(
        "Which incident do you mean? Say its number with your question.", (Fact("INC-42 a"),), notes=(HELP,)
    )
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
    facts = _by_facts().facts
    notes = ("Worded by a language model; each sentence was checked against what it cites. 142 of 310 messages used",)
    return Answer("INC-42 HighErrorRate on checkout: answer", facts, notes, id="f" * 32, is_worded=True, stored=facts)


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
