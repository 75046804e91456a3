// Pop-ups beside what opened them: menus of actions, the emoji picker, and small panels.

import { h } from "./dom.js";
import { matching, symbol } from "./emoji.js";
import { icon } from "./icons.js";
import { typedText } from "./writing.js";

/** The open pop-up, or null. `ctx.ui.menu` is {anchor, label, items | emoji | panel, above}. */
export function menuNode(ctx) {
  const menu = ctx.ui.menu;
  if (!menu) return null;
  const inside = menu.panel
    ? menu.panel(ctx)
    : menu.emoji
      ? picker(menu, ctx)
      : menu.items.map((item) => itemNode(item, ctx));
  const role = menu.panel || menu.emoji ? "dialog" : "menu";
  return h(
    "div",
    {
      key: menu.id,
      class: "menu-layer",
      onmousedown: (event) => event.target === event.currentTarget && ctx.closeMenu(),
    },
    h(
      "div",
      {
        class: `menu ${role}`,
        role,
        "aria-label": menu.label,
        tabindex: "-1",
        onkeydown: (event) => moveInMenu(event, ctx),
        mounted: (element) => placeMenu(element, menu.anchor),
      },
      inside,
    ),
  );
}

export function messageMenu(trigger, message, ctx) {
  const channel = ctx.ui.channel;
  const at = { channel, ts: message.ts };
  const own = message.user === ctx.me;
  const items = [
    { label: "Reply in thread", run: () => ctx.openThread(message.thread_ts ?? message.ts) },
    {
      label: message.pinned ? "Unpin from channel" : "Pin to channel",
      run: () => ctx.act({ kind: message.pinned ? "unpin" : "pin", ...at }),
    },
    ...ctx.state.shortcuts
      .filter((shortcut) => shortcut.type === "message")
      .map((shortcut) => ({
        label: shortcut.name,
        hint: "App shortcut",
        run: () => ctx.act({ kind: "message_shortcut", callback_id: shortcut.callback_id, ...at }),
      })),
    own && { label: "Edit message", run: () => ctx.startEditing(message) },
    own && {
      label: "Delete message",
      danger: true,
      run: () =>
        ctx.confirmed(
          {
            title: "Delete message",
            text: "Delete this message for everyone?",
            confirm: "Delete",
            deny: "Keep it",
            style: "danger",
          },
          () => ctx.act({ kind: "delete", ...at }),
        ),
    },
  ].filter(Boolean);
  ctx.openMenu(trigger, { label: "Message actions", items });
}

export function reactionMenu(trigger, message, ctx) {
  ctx.openMenu(trigger, {
    label: "Choose a reaction",
    typed: "",
    emoji: (name) => ctx.act({ kind: "react", channel: ctx.ui.channel, ts: message.ts, name }),
  });
}

export function shortcutMenu(trigger, ctx) {
  const items = ctx.state.shortcuts
    .filter((shortcut) => shortcut.type === "global")
    .map((shortcut) => ({
      label: shortcut.name,
      run: () => ctx.act({ kind: "shortcut", callback_id: shortcut.callback_id }),
    }));
  const none = { label: "The app has no global shortcuts", run: () => {} };
  ctx.openMenu(trigger, { label: "Shortcuts", items: items.length ? items : [none] });
}

function itemNode(item, ctx) {
  const run = () => (ctx.closeMenu(), item.run());
  const props = { class: `menu-item ${item.danger ? "danger" : ""}`, role: "menuitem", tabindex: "-1", onclick: run };
  const inside = [h("span", null, item.label), item.hint ? h("small", null, item.hint) : null];
  if (item.href)
    return h("a", { ...props, href: item.href, target: "_blank", rel: "noopener noreferrer" }, inside, icon("out"));
  return h("button", { ...props, type: "button" }, inside);
}

function picker(menu, ctx) {
  const choose = (name) => () => (ctx.closeMenu(), menu.emoji(name));
  const names = matching(menu.typed, 48);
  const first = names[0];
  return [
    h("input", {
      type: "search",
      class: "search",
      placeholder: "Search emoji",
      "aria-label": "Search emoji",
      value: menu.typed,
      oninput: (event) => ((menu.typed = event.target.value), ctx.redraw()),
      onkeydown: (event) => event.key === "Enter" && first && choose(first)(),
    }),
    h(
      "div",
      { class: "emoji-grid" },
      names.map((name) =>
        h(
          "button",
          {
            key: name,
            type: "button",
            "aria-label": name.replaceAll("_", " "),
            title: `:${name}:`,
            onclick: choose(name),
          },
          symbol(name),
        ),
      ),
    ),
    names.length ? null : h("p", { class: "muted" }, "No emoji by that name."),
  ];
}

// Fixed beside its trigger, moved inside the window where it would stick out.
function placeMenu(element, anchor) {
  const margin = 8;
  const box = element.getBoundingClientRect();
  const below = anchor.bottom + 4 + box.height <= innerHeight - margin;
  const top = below ? anchor.bottom + 4 : Math.max(margin, anchor.top - box.height - 4);
  const left = Math.max(margin, Math.min(anchor.left, innerWidth - box.width - margin));
  element.style.setProperty("top", `${Math.min(top, Math.max(margin, innerHeight - box.height - margin))}px`);
  element.style.setProperty("left", `${left}px`);
  (element.querySelector("input, [role=menuitem], button, a") ?? element).focus();
}

function moveInMenu(event, ctx) {
  if (event.key === "Escape") {
    event.stopPropagation();
    ctx.closeMenu();
    return;
  }
  if (event.key === "Tab") {
    keepInside(event, event.currentTarget);
    return;
  }
  if (typedText(event.target) && !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const stops = [...event.currentTarget.querySelectorAll("[role=menuitem], .emoji-grid button, input, .panel-row")];
  if (!step || !stops.length) return;
  event.preventDefault();
  stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
}

/** Tab and Shift+Tab go round inside `frame`. */
export function keepInside(event, frame) {
  const stops = [...frame.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")].filter(
    (stop) => !stop.disabled && stop.getClientRects().length,
  );
  const [first, last] = [stops[0], stops.at(-1)];
  if (!first) return event.preventDefault();
  if (event.shiftKey && (document.activeElement === first || document.activeElement === frame)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}
