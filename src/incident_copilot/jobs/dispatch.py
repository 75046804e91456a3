"""Dispatch: which courier carries an effect, by what it does."""

from collections.abc import Mapping

from incident_copilot.domain.effect import Effect, FileTicket, Mail, Page, Publish, PutDocument, RunAction
from incident_copilot.jobs.comms_courier import CommsCourier
from incident_copilot.jobs.couriers import ActionCourier, ChatCourier, Courier, MailCourier
from incident_copilot.jobs.document_courier import DocumentCourier
from incident_copilot.jobs.page_courier import PageCourier
from incident_copilot.jobs.permission import Permitted, Withheld, nothing_withheld
from incident_copilot.jobs.ticket_courier import TicketCourier
from incident_copilot.ports import Chat, CommsChannel, DocumentTarget, Mailer, Pager, SupervisedAction, Tracker


class Couriers:
    """All ways out of the outbox: the chat, and what plugins and the mail server take."""

    def __init__(
        self,
        chat: Chat,
        *,
        actions: Mapping[str, SupervisedAction] | None = None,
        channels: Mapping[str, CommsChannel] | None = None,
        pagers: Mapping[str, Pager] | None = None,
        pagers_homes: Mapping[str, str] | None = None,
        documents: Mapping[str, DocumentTarget] | None = None,
        trackers: Mapping[str, Tracker] | None = None,
        mailer: Mailer | None = None,
        withheld: Withheld = nothing_withheld,
    ) -> None:
        """`pagers_homes` names the workspaces that pagers are for; one that it does not name is for all."""
        self._chat = Permitted(ChatCourier(chat), withheld)
        self._others: Mapping[type, Courier] = {
            RunAction: ActionCourier(actions or {}),
            Publish: Permitted(CommsCourier(channels or {}), withheld),
            Page: PageCourier(pagers or {}, pagers_homes),
            PutDocument: DocumentCourier(documents or {}),
            FileTicket: TicketCourier(trackers or {}),
            Mail: MailCourier(mailer),
        }

    def of(self, effect: Effect) -> Courier:
        """Return who carries an effect: the chat where nobody else does."""
        return self._others.get(type(effect.deed), self._chat)
