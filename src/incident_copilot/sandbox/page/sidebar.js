// The list of channels, apps and direct messages, with unread marks and mention counts.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, channelTitle, counterpart, displayName } from "./people.js";

/** The sidebar: arrows move between its channels, Enter opens one. */
export function sidebar(ctx) {
  const { incidents, joined, others, messages } = sorted(ctx);
  const props = {
    key: "sidebar",
    id: "sidebar",
    class: ctx.ui.drawer ? "sidebar open" : "sidebar",
    "aria-label": "Channels",
    onkeydown: moveInList,
  };
  const create = h(
    "button",
    {
      type: "button",
      class: "tool",
      "aria-label": "Create a channel",
      title: "Create a channel",
      onclick: () => ctx.nameChannel(),
    },
    icon("plus"),
  );
  return h(
    "nav",
    props,
    jump(ctx),
    group("Incidents", incidents, ctx),
    group("Channels", joined, ctx, create),
    h(
      "section",
      { key: "Apps", class: "group" },
      h("h2", null, "Apps"),
      h(
        "ul",
        null,
        ctx.state.bots.map((bot) => botRow(bot, ctx)),
      ),
    ),
    group("Direct messages", messages, ctx),
    group("Other channels", others, ctx),
  );
}

// Incidents that run stand first, the newest on top; what one is not in, and archives, last.
function sorted(ctx) {
  const rooms = ctx.state.channels.filter((channel) => !channel.is_im);
  const incidents = rooms.filter((channel) => /^inc-/.test(channel.name) && !channel.is_archived).reverse();
  const joined = rooms.filter((channel) => channel.is_member && !channel.is_archived && !incidents.includes(channel));
  const others = rooms.filter((channel) => !incidents.includes(channel) && !joined.includes(channel));
  const messages = ctx.state.channels.filter((channel) => channel.is_im && !counterpart(channel, ctx)?.is_bot);
  return { incidents, joined, others, messages };
}

function jump(ctx) {
  return h(
    "button",
    { type: "button", class: "jump", onclick: () => ctx.openSwitcher() },
    icon("search"),
    h("span", null, "Go to…"),
    h("kbd", null, ctx.isMac ? "⌘K" : "Ctrl K"),
  );
}

function group(title, channels, ctx, tool) {
  if (!channels.length && !tool) return null;
  return h(
    "section",
    { key: title, class: "group" },
    h("h2", null, title, tool),
    h(
      "ul",
      null,
      channels.map((channel) => row(channel, ctx)),
    ),
  );
}

function row(channel, ctx) {
  const person = channel.is_im ? counterpart(channel, ctx) : null;
  const sign = person ? avatar(person, "small") : icon(channel.is_private ? "lock" : "hash");
  const name = person ? displayName(person) : channel.name;
  return entry(channel.id, sign, name, channel, ctx, () => ctx.open(channel.id));
}

function botRow(bot, ctx) {
  const channel = ctx.state.channels.find((one) => one.is_im && one.members.includes(bot.id));
  return entry(bot.id, avatar(bot, "small"), displayName(bot), channel ?? {}, ctx, () => ctx.openBot(bot, channel));
}

function entry(key, sign, name, channel, ctx, open) {
  const current = channel.id !== undefined && channel.id === ctx.ui.channel;
  const marks = [channel.unread && "unread", current && "current", channel.is_archived && "archived"]
    .filter(Boolean)
    .join(" ");
  const spoken = [
    name,
    channel.is_private && "private",
    channel.is_archived && "archived",
    channel.unread && `${channel.unread} unread`,
    channel.mention_count && plural(channel.mention_count, "mention"),
  ];
  return h(
    "li",
    { key },
    h(
      "button",
      {
        type: "button",
        class: `channel ${marks}`,
        "aria-current": current ? "page" : null,
        "aria-label": spoken.filter(Boolean).join(", "),
        title: channel.id && !channel.is_im ? channelTitle(channel, ctx) : null,
        onclick: open,
      },
      sign,
      h("span", { class: "name" }, name),
      channel.mention_count
        ? h("span", { class: "badge" }, channel.mention_count)
        : channel.unread
          ? h("span", { class: "dot" })
          : null,
    ),
  );
}

function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function moveInList(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const rows = [...event.currentTarget.querySelectorAll(".channel")];
  const edge = { Home: 0, End: rows.length - 1 }[event.key];
  const at = rows.indexOf(document.activeElement);
  if ((step === undefined && edge === undefined) || at === -1) return;
  event.preventDefault();
  rows[edge ?? (at + step + rows.length) % rows.length].focus();
}
