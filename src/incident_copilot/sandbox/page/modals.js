// The app's modals: the topmost view as a form, its answers sent, its mistakes shown beside what caused them.

import { blockNodes } from "./blocks.js";
import { h } from "./dom.js";
import { forget, valuesOf } from "./forms.js";
import { frame } from "./frame.js";
import { icon } from "./icons.js";
import { plainText } from "./mrkdwn.js";
import { inWords } from "./toasts.js";

// Stands among a view's errors for one that concerns the whole view; no block_id is empty.
const WHOLE = "";

/** One view as a dialog. Closing it goes back to the view below. */
export function modalNode(view, ctx) {
  const place = { view_id: view.id };
  const errors = ctx.ui.errors[view.id] ?? {};
  const close = async () => {
    if ((await ctx.act({ kind: "close", view_id: view.id })).ok) forget(place);
  };
  const onsubmit = (event) => (event.preventDefault(), submit(view, place, ctx));
  const body = h("div", { class: "dialog-body" }, summary(errors), blockNodes(view.blocks ?? [], place, ctx, errors));
  return frame(
    `view-${view.id}`,
    { labelledBy: "modal-title", close },
    h(
      "form",
      { class: "dialog-form", novalidate: true, onsubmit },
      head(view, close, ctx),
      body,
      foot(view, close, ctx),
    ),
  );
}

function head(view, close, ctx) {
  const depth = ctx.state.views.length;
  return h(
    "header",
    { class: "dialog-head" },
    h("h2", { id: "modal-title" }, plainText(view.title?.text ?? "")),
    depth > 1 ? h("span", { class: "muted" }, `Step ${depth}`) : null,
    h(
      "button",
      { type: "button", class: "tool", "aria-label": "Close", title: "Close (Esc)", onclick: close },
      icon("close"),
    ),
  );
}

function foot(view, close, ctx) {
  const busy = ctx.ui.busy.has(`submit ${view.id}`) ? "true" : null;
  const leave = plainText(view.close?.text ?? (view.submit ? "Cancel" : "Close"));
  return h(
    "footer",
    { class: "dialog-foot" },
    h("button", { type: "button", class: "button", onclick: close }, leave),
    view.submit
      ? h("button", { type: "submit", class: "button primary", "aria-busy": busy }, plainText(view.submit.text))
      : null,
  );
}

function summary(errors) {
  const { [WHOLE]: whole, ...fields } = errors;
  const count = Object.keys(fields).length;
  const words = count === 1 ? "One answer needs another look." : `${count} answers need another look.`;
  return h("p", { class: "error-summary", role: "alert", hidden: !whole && !count }, whole ?? words);
}

async function submit(view, place, ctx) {
  if (ctx.ui.busy.has(`submit ${view.id}`)) return;
  const missing = unanswered(view, place);
  if (Object.keys(missing).length) return showErrors(view, missing, ctx);
  const answer = await ctx.act(
    { kind: "submit", view_id: view.id, values: valuesOf(view.blocks ?? [], place) },
    `submit ${view.id}`,
  );
  if (answer.errors) showErrors(view, answer.errors, ctx);
  else if (!answer.done) showErrors(view, { [WHOLE]: inWords(answer.error) }, ctx);
  else {
    delete ctx.ui.errors[view.id];
    if (!ctx.state.views.some((open) => open.id === view.id)) forget(place);
  }
}

// Slack's own client asks for required answers before it sends.
function unanswered(view, place) {
  const values = valuesOf(view.blocks ?? [], place);
  const missing = {};
  for (const block of view.blocks ?? []) {
    const state = values[block.block_id]?.[block.element?.action_id];
    if (block.type !== "input" || block.optional || !state) continue;
    const { type, ...held } = state;
    const answered = Object.values(held).some((value) =>
      Array.isArray(value) ? value.length : value !== null && String(value).trim() !== "",
    );
    if (!answered)
      missing[block.block_id] =
        type.includes("select") || type.includes("radio") || type.includes("checkbox")
          ? "Please choose one."
          : "Please complete this required field.";
  }
  return missing;
}

function showErrors(view, errors, ctx) {
  ctx.ui.errors[view.id] = errors;
  ctx.redraw();
  const bad = document.querySelector(".dialog [aria-invalid=true]");
  (bad?.matches("input, select, textarea") ? bad : bad?.querySelector("input"))?.focus();
}
