// Where people write: the composer of a channel or thread with its hints, and the box for editing a message.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { shortcutMenu } from "./menus.js";
import { channelTitle } from "./people.js";
import { decode, encode, suggestions } from "./writing.js";

/** The composer of `channel`, or of its thread `threadTs`. Drafts stay per person and place. */
export function composer(channel, threadTs, ctx) {
  const name = `${ctx.me} ${channel.id} ${threadTs ?? ""}`;
  const draft = (ctx.ui.drafts[name] ??= { text: "", caret: 0, picked: 0, moved: false, closed: false });
  const found = draft.closed
    ? { from: 0, items: [] }
    : suggestions(draft.text, draft.caret, ctx.state, Boolean(threadTs));
  const at = { channel, threadTs, draft, found, ctx, listId: `hints-${threadTs ?? "channel"}` };
  const label = threadTs ? "Reply in thread" : `Message ${channelTitle(channel, ctx)}`;
  return h(
    "form",
    { key: `composer ${name}`, class: "composer", onsubmit: (event) => (event.preventDefault(), send(at)) },
    found.items.length ? hints(at) : null,
    h(
      "div",
      { class: "composer-box" },
      threadTs
        ? null
        : h(
            "button",
            {
              type: "button",
              class: "tool",
              "aria-label": "Shortcuts",
              title: "Shortcuts",
              "aria-haspopup": "menu",
              onclick: (event) => shortcutMenu(event.currentTarget, ctx),
            },
            icon("bolt"),
          ),
      textarea(at, label),
      h("button", { type: "submit", class: "tool send", "aria-label": "Send", title: "Send (Enter)" }, icon("send")),
    ),
  );
}

/** The box that replaces a message's text while its author edits it. */
export function editBox(message, ctx) {
  const draft = (ctx.ui.drafts[`edit ${message.ts}`] ??= { text: decode(message.text ?? "", ctx.state) });
  const stop = () => (delete ctx.ui.drafts[`edit ${message.ts}`], ctx.stopEditing(message.ts));
  const save = () => {
    ctx.act({ kind: "edit", channel: ctx.ui.channel, ts: message.ts, text: encode(draft.text, ctx.state) });
    stop();
  };
  return h(
    "form",
    { class: "edit", onsubmit: (event) => (event.preventDefault(), save()) },
    h("textarea", {
      "aria-label": "Edit message",
      rows: 2,
      value: draft.text,
      mounted: (box) => (grow(box), box.focus()),
      oninput: (event) => ((draft.text = event.target.value), grow(event.target)),
      onkeydown: (event) => {
        if (event.key === "Escape") (event.stopPropagation(), stop());
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) (event.preventDefault(), save());
      },
    }),
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", class: "button", onclick: stop }, "Cancel"),
      h("button", { type: "submit", class: "button primary" }, "Save"),
    ),
  );
}

function textarea(at, label) {
  const { draft, found, ctx } = at;
  const note = (event) => {
    Object.assign(draft, {
      text: event.target.value,
      caret: event.target.selectionStart,
      picked: 0,
      moved: false,
      closed: false,
    });
    grow(event.target);
    const offers = suggestions(draft.text, draft.caret, ctx.state, Boolean(at.threadTs)).items.length;
    if (offers || found.items.length) ctx.redraw();
  };
  return h("textarea", {
    rows: 1,
    placeholder: at.threadTs ? label : innerWidth < 760 ? "Message" : `${label}  ·  / for commands`,
    "aria-label": label,
    value: draft.text,
    mounted: grow,
    "aria-autocomplete": "list",
    "aria-controls": found.items.length ? at.listId : null,
    "aria-activedescendant": found.items.length ? `${at.listId}-${draft.picked}` : null,
    oninput: note,
    onclick: (event) =>
      event.target.selectionStart !== draft.caret && ((draft.caret = event.target.selectionStart), ctx.redraw()),
    onkeydown: (event) => key(event, at),
  });
}

function hints({ draft, found, listId, ctx, ...rest }) {
  const at = { draft, found, listId, ctx, ...rest };
  const option = (item, index) =>
    h(
      "li",
      {
        key: item.label,
        id: `${listId}-${index}`,
        role: "option",
        "aria-selected": String(index === draft.picked),
        onmousedown: (event) => (event.preventDefault(), complete(at, index)),
      },
      h("strong", null, item.label),
      item.hint ? h("span", null, item.hint) : null,
    );
  return h("ul", { class: "hints", id: listId, role: "listbox", "aria-label": "Suggestions" }, found.items.map(option));
}

function key(event, at) {
  const { draft, found, ctx } = at;
  if (event.isComposing) return;
  const open = found.items.length > 0;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (open && step) {
    event.preventDefault();
    draft.picked = (draft.picked + step + found.items.length) % found.items.length;
    draft.moved = true;
    ctx.redraw();
  } else if (open && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    complete(at, draft.picked);
  } else if (open && event.key === "Escape") {
    event.stopPropagation();
    draft.closed = true;
    ctx.redraw();
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (open && completesName(at)) complete(at, draft.picked);
    else send(at);
  }
}

// Enter finishes a half-typed name or what the arrows chose; a whole command is sent as it stands.
function completesName({ draft, found }) {
  if (draft.moved) return true;
  const item = found.items[draft.picked];
  const typed = draft.text.slice(found.from, draft.caret);
  return !typed.includes(" ") && item.insert.trim() !== typed;
}

function complete({ draft, found, ctx }, index) {
  const text = draft.text.slice(0, found.from) + found.items[index].insert;
  Object.assign(draft, { text: text + draft.text.slice(draft.caret), caret: text.length, picked: 0, moved: false });
  ctx.redraw();
}

async function send({ channel, threadTs, draft, ctx }) {
  const text = draft.text.trim();
  if (!text) return;
  const command = /^(\/[\w-]+)(?:\s+([\s\S]*))?$/.exec(text);
  if (command && threadTs) {
    ctx.say("warning", `${command[1]} is not supported in threads. Send it in the channel.`);
    return;
  }
  Object.assign(draft, { text: "", caret: 0, picked: 0, moved: false });
  ctx.sent(threadTs);
  const body = command
    ? { kind: "command", command: command[1], text: command[2] ?? "" }
    : { kind: "say", text: encode(text, ctx.state), ...(threadTs ? { thread_ts: threadTs } : {}) };
  const answer = await ctx.act({ channel: channel.id, ...body });
  if (answer.done || draft.text) return;
  draft.text = text;
  ctx.redraw();
}

/** Makes a text area as tall as its text, up to a limit. */
export function grow(box) {
  box.style.setProperty("height", "auto");
  box.style.setProperty("height", `${Math.min(box.scrollHeight, 180)}px`);
}
