// Short notes at the edge of the page: warnings and errors from the sandbox, and what the page itself has to say.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN = 3;
const FRESH_S = 120;

const WORDS = {
  sandbox_unreachable: "The sandbox does not answer. Nothing was sent.",
  dispatch_failed: "The app did not respond to that.",
  operation_timeout: "The app did not respond in time.",
  not_in_channel: "You are not in this channel.",
  is_archived: "This channel is archived.",
  name_taken: "A channel by that name exists already.",
  already_reacted: "You have reacted with that already.",
  message_not_found: "That message is gone.",
};

/** An error code as a sentence. */
export function inWords(error) {
  return (
    WORDS[error] ??
    (error?.includes(" ") ? error : `That did not work: ${(error ?? "unknown error").replaceAll("_", " ")}.`)
  );
}

/** The notes to show: at most three, newest last. */
export function toastNodes(ctx) {
  const fresh = ctx.state.notices
    .filter((notice) => ctx.now - notice.at < FRESH_S)
    .map((notice) => ({ ...notice, id: `server-${notice.id}` }));
  const all = [...fresh, ...ctx.ui.toasts].filter((toast) => !ctx.ui.dismissed.has(toast.id));
  const hidden = all.length - SHOWN;
  return h(
    "div",
    { class: "toasts" },
    ctx.ui.offline
      ? h(
          "p",
          { key: "offline", class: "toast warning", role: "status" },
          icon("warning"),
          h("span", null, "The sandbox does not answer. Trying again…"),
        )
      : null,
    hidden > 0 ? h("p", { key: "more", class: "toast-more" }, `${hidden} earlier`) : null,
    all.slice(-SHOWN).map((toast) => toastNode(toast, ctx)),
  );
}

function toastNode(toast, ctx) {
  const dismiss = () => (ctx.ui.dismissed.add(toast.id), ctx.redraw());
  return h(
    "div",
    { key: toast.id, class: `toast ${toast.kind}`, role: toast.kind === "error" ? "alert" : "status" },
    icon(toast.kind === "note" ? "bolt" : "warning"),
    h("span", null, toast.text),
    toast.action
      ? h(
          "button",
          { type: "button", class: "button", onclick: () => (dismiss(), toast.action.run()) },
          toast.action.label,
        )
      : null,
    h("button", { type: "button", class: "tool", "aria-label": "Dismiss", onclick: dismiss }, icon("close")),
  );
}
