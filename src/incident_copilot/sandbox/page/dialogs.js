// What lies over the page: which dialog is on top, questions, and the naming of a channel.

import { h } from "./dom.js";
import { frame } from "./frame.js";
import { modalNode } from "./modals.js";
import { textNodes } from "./mrkdwn.js";
import { switcherNode } from "./switcher.js";

/** The topmost dialog, or null. A question lies over a modal. */
export function dialogNode(ctx) {
  const { question, switcher, naming } = ctx.ui;
  if (question) return questionNode(question, ctx);
  if (switcher) return switcherNode(switcher, ctx);
  if (naming) return namingNode(naming, ctx);
  const view = ctx.state.views.at(-1);
  return view ? modalNode(view, ctx) : null;
}

function questionNode(question, ctx) {
  const close = () => ((ctx.ui.question = null), ctx.redraw());
  const agree = () => (close(), question.agree());
  return frame(
    `question-${question.id}`,
    { labelledBy: "question-title", close, small: true },
    h("header", { class: "dialog-head" }, h("h2", { id: "question-title" }, question.title)),
    h("div", { class: "dialog-body text" }, textNodes(question.text, ctx)),
    h(
      "footer",
      { class: "dialog-foot" },
      h("button", { type: "button", class: "button", onclick: close }, question.deny),
      h(
        "button",
        { type: "button", "data-first": "", class: `button ${question.style ?? "primary"}`, onclick: agree },
        question.confirm,
      ),
    ),
  );
}

function namingNode(naming, ctx) {
  const close = () => ((ctx.ui.naming = null), ctx.redraw());
  const create = async (event) => {
    event.preventDefault();
    const answer = await ctx.act({ kind: "create_channel", name: naming.name.trim().replace(/^#/, "") });
    if (!answer.ok) return;
    close();
    const made = answer.channel?.id ?? answer.channel;
    if (made) ctx.open(made);
  };
  return frame(
    "naming",
    { labelledBy: "naming-title", close, small: true },
    h(
      "form",
      { class: "dialog-form", onsubmit: create },
      h("header", { class: "dialog-head" }, h("h2", { id: "naming-title" }, "New channel")),
      h(
        "div",
        { class: "dialog-body" },
        h("label", { class: "label", for: "naming-name" }, "Name"),
        h("input", {
          id: "naming-name",
          type: "text",
          maxlength: 80,
          value: naming.name,
          placeholder: "team-checkout",
          oninput: (event) => (naming.name = event.target.value),
        }),
        h("p", { class: "hint" }, "Lower case letters, digits, hyphens and underscores."),
      ),
      h(
        "footer",
        { class: "dialog-foot" },
        h("button", { type: "button", class: "button", onclick: close }, "Cancel"),
        h("button", { type: "submit", class: "button primary" }, "Create"),
      ),
    ),
  );
}
