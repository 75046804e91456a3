"""Every error of the copilot, in one tree.

* CopilotError
  x ConfigError             a file or setting is wrong; names the file, the field and the fix
  x InputError              something sent in from outside cannot be taken
    - BadPayload            the body is not what its source sends (400)
    - Unauthenticated       wrong or missing secret (401)
      . Forbidden           signed as it should be, and not for this copilot (403)
    - UnknownThing          no such source, incident or proposal (404)
    - TooLarge              the body is over its limit (413)
  x StoreError
    - StoreUnavailable      the database does not answer or refuses to write (503, "not recorded, try again")
    - LostLease             somebody else holds the job or effect now; drop the result
  x VendorError             a call to another system
    - VendorUnavailable     no answer, 429 or 5xx: retried, in vendors/http.py and nowhere else
    - VendorRefused         a 4xx: not retried
    - OutcomeUnknown        the request was sent and the answer never came: never blindly repeated
  x ChatError               a call to the chat workspace
    - ChatUnavailable       try again after `retry_after_s`
      . ChatLimited         it is there, and takes no more of this for now
    - ChatUnknown           sent, no answer: read back before repeating
    - ChatRefused           the workspace refused for good; `code` is its own error name
      . ChatBarred          it refuses the copilot itself: people must repair token, account or scopes
  x DecisionRefused         a click or command that may not decide; `reason` is shown to the person
  x ModelUnavailable        the language model did not give a usable answer
"""

from typing import Any


class CopilotError(Exception):
    """Base of all errors of the copilot; its text is safe to show to people."""


class ConfigError(CopilotError):
    """A file or setting is wrong; the text names the thing and the fix."""


class InputError(CopilotError):
    """Something sent in from outside cannot be taken."""


class BadPayload(InputError):
    """A body that its source does not send: names the source and the field."""

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = source
        self.problem = problem


class Unauthenticated(InputError):
    """The secret or signature is missing or wrong."""


class Forbidden(Unauthenticated):
    """The sender is who it says, and what it sends is not for this copilot."""


class UnknownThing(InputError):
    """There is no such source, incident, proposal or runbook."""


class TooLarge(InputError):
    """The body is over its limit."""


class StoreError(CopilotError):
    """Something about the database."""


class StoreUnavailable(StoreError):
    """The database does not answer or cannot write; nothing was recorded."""


class LostLease(StoreError):
    """The job or effect is leased to somebody else now."""


class VendorError(CopilotError):
    """A call to another system failed; the text names the system and the request, never a secret."""


class VendorUnavailable(VendorError):
    """No answer, 429 or 5xx; the same call may work later."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class VendorRefused(VendorError):
    """The vendor understood and refused."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class OutcomeUnknown(VendorError):
    """The request was sent and its answer never came."""


class ChatError(CopilotError):
    """A call to the chat workspace failed."""


class ChatUnavailable(ChatError):
    """The workspace cannot take the call now."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ChatLimited(ChatUnavailable):
    """The workspace answers, and wants less: a rate limit."""


class ChatUnknown(ChatError):
    """The call was sent, and whether it happened is not known.

    `settled_after_s` is how long "not found" is no proof, where that is known: an answer that says nothing came after
    the work was done or not.
    """

    def __init__(self, message: str, settled_after_s: float | None = None) -> None:
        super().__init__(message)
        self.settled_after_s = settled_after_s


class ChatRefused(ChatError):
    """The workspace refused; `code` is its own error name, such as is_archived."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class ChatBarred(ChatRefused):
    """The workspace refuses the copilot itself, such as token_revoked; the same call works once people repaired it."""


class DecisionRefused(CopilotError):
    """A vote or command that may not count; the text is what the person is told."""


class ModelUnavailable(CopilotError):
    """The language model gave no usable answer; callers go on without it. `call` is what the attempt took.

    `is_servers` where the server is at fault and another question would fare alike.
    """

    def __init__(self, message: str, call: Any = None, *, is_servers: bool = True) -> None:
        super().__init__(message)
        self.call = call
        self.is_servers = is_servers
