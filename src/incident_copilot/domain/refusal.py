"""Refusal: what is to be done about each error that the chat workspace names.

Slack's errors: https://docs.slack.dev/reference/methods/chat.postMessage#errors and the pages of the other methods.
"""

from enum import StrEnum


class Remedy(StrEnum):
    """What helps against a refusal; `TELL` means that nothing does and people must know."""

    RETRY = "retry"
    REPAIR = "repair"
    SHORTEN = "shorten"
    RENAME = "rename"
    REJOIN = "rejoin"
    MOVE = "move"
    POST_ANEW = "post_anew"
    TELL = "tell"


_ERRORS = {
    # Slack's own trouble, and limits that pass.
    Remedy.RETRY: (
        "internal_error fatal_error service_unavailable request_timeout team_added_to_org rate_limited ratelimited "
        "message_limit_exceeded accesslimited"
    ),
    # The workspace lets the copilot do nothing until somebody repairs its token, account or scopes.
    Remedy.REPAIR: (
        "not_authed invalid_auth account_inactive token_revoked token_expired missing_scope no_permission "
        "not_allowed_token_type org_login_required ekm_access_denied team_access_not_granted two_factor_setup_required"
    ),
    Remedy.SHORTEN: "msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format",
    Remedy.RENAME: "name_taken",
    Remedy.REJOIN: "not_in_channel",
    # The channel is gone, archived, or closed to the copilot: what was for it goes elsewhere.
    Remedy.MOVE: (
        "channel_not_found is_archived channel_is_archived is_inactive cannot_reply_to_message thread_not_found "
        "restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel "
        "restricted_action_non_threadable_channel posting_to_general_channel_denied"
    ),
    Remedy.POST_ANEW: "message_not_found cant_update_message edit_window_closed",
}
_REMEDIES = {code: remedy for remedy, codes in _ERRORS.items() for code in codes.split()}


def remedy_for(code: str) -> Remedy:
    """Return what helps against an error of the workspace, by its own name."""
    return _REMEDIES.get(code, Remedy.TELL)
