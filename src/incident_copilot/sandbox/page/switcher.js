// The channel switcher: type a part of a name, choose with the arrows, Enter goes there.

import { h } from "./dom.js";
import { frame } from "./frame.js";
import { channelTitle, counterpart, role } from "./people.js";

const SHOWN = 12;

/** The open switcher; `switcher` is {typed, picked}. */
export function switcherNode(switcher, ctx) {
  const close = () => ((ctx.ui.switcher = null), ctx.redraw());
  const wanted = switcher.typed.toLowerCase();
  const found = ctx.state.channels
    .filter((channel) => channelTitle(channel, ctx).toLowerCase().includes(wanted))
    .slice(0, SHOWN);
  const picked = Math.min(switcher.picked, Math.max(0, found.length - 1));
  const go = (channel) => (close(), ctx.open(channel.id, { write: true }));
  return frame(
    "switcher",
    { label: "Go to channel", close, small: true },
    h(
      "div",
      { class: "dialog-body switcher" },
      field({ switcher, found, picked, go }, ctx),
      h(
        "ul",
        { id: "switch-list", class: "hints still", role: "listbox", "aria-label": "Channels" },
        found.map((channel, index) => option(channel, index, index === picked, go, ctx)),
      ),
      found.length ? null : h("p", { class: "muted" }, "No channel by that name."),
    ),
  );
}

function field({ switcher, found, picked, go }, ctx) {
  const label = "Go to channel or person";
  const onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      switcher.picked = (picked + step + found.length) % found.length;
      ctx.redraw();
    } else if (event.key === "Enter" && found[picked]) {
      event.preventDefault();
      go(found[picked]);
    }
  };
  return h("input", {
    type: "search",
    class: "search",
    placeholder: label,
    "aria-label": label,
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "switch-list",
    "aria-activedescendant": `switch-${picked}`,
    value: switcher.typed,
    onkeydown,
    oninput: (event) => (Object.assign(switcher, { typed: event.target.value, picked: 0 }), ctx.redraw()),
  });
}

function option(channel, index, isPicked, go, ctx) {
  const props = {
    key: channel.id,
    id: `switch-${index}`,
    role: "option",
    "aria-selected": String(isPicked),
    onclick: () => go(channel),
  };
  const hint = channel.is_im ? role(counterpart(channel, ctx)) : channel.topic;
  return h("li", props, h("strong", null, channelTitle(channel, ctx)), h("span", null, hint));
}
