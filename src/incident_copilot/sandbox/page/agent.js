// What the app shows as an agent: what it is doing in a thread, with Stop; and the questions that it suggests.

import { h } from "./dom.js";

/** What the app is doing in a thread, or null. */
export function agentStatus(channel, thread, ctx) {
  const doing = channel.agent?.threads?.[thread];
  if (!doing) return null;
  const stop = h(
    "button",
    {
      type: "button",
      class: "button",
      onclick: () => ctx.act({ kind: "stop", channel: channel.id, thread_ts: thread }),
    },
    "Stop",
  );
  return h(
    "p",
    { key: "agent", class: "agent-status", role: "status" },
    doing.status ? `The app ${doing.status}` : "The app is working…",
    doing.can_stop ? stop : null,
  );
}

/** The questions that the app suggests in its own conversation, or null. */
export function suggestedPrompts(channel, ctx) {
  const prompts = channel.agent?.prompts ?? [];
  if (!prompts.length) return null;
  const ask = ({ title, message }) =>
    h(
      "button",
      {
        key: title,
        type: "button",
        class: "button",
        onclick: () => ctx.act({ kind: "say", channel: channel.id, text: message }),
      },
      title,
    );
  return h("div", { key: "prompts", class: "prompts", role: "group", "aria-label": "Suggested questions" }, prompts.map(ask));
}
