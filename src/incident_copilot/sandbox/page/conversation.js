// The middle of the page: a channel's header, bookmarks, messages and composer, or App Home; and the thread panel.

import { agentStatus, suggestedPrompts } from "./agent.js";
import { blockNodes } from "./blocks.js";
import { composer } from "./composer.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { messageNodes } from "./messages.js";
import { link, mrkdwn, timeNode } from "./mrkdwn.js";
import { avatar, channelTitle, counterpart, displayName, role } from "./people.js";

/** The open channel, or a line saying that there is none. */
export function conversation(ctx) {
  const channel = ctx.channel(ctx.ui.channel);
  if (!channel)
    return h("main", { key: "main", class: "main" }, h("p", { class: "empty" }, "Choose a channel to begin."));
  const home = hasHome(channel, ctx) && ctx.ui.tab === "home";
  return h(
    "main",
    { key: "main", class: "main", "aria-label": channelTitle(channel, ctx) },
    header(channel, ctx),
    home ? homeNode(ctx) : [bookmarks(channel, ctx), messageList(channel, ctx), foot(channel, ctx)],
  );
}

/** The thread beside the channel, or null. */
export function threadPanel(ctx) {
  const channel = ctx.channel(ctx.ui.channel);
  if (!channel || !ctx.ui.thread) return null;
  const messages = threadMessages(ctx);
  const count = Math.max(0, messages.length - 1);
  return h(
    "aside",
    { key: `thread-${ctx.ui.thread}`, class: "thread", "aria-label": "Thread" },
    h(
      "header",
      { class: "head" },
      h("h2", null, "Thread", h("span", { class: "muted" }, channelTitle(channel, ctx))),
      h(
        "button",
        {
          type: "button",
          class: "tool",
          "aria-label": "Close thread",
          title: "Close (Esc)",
          onclick: () => ctx.closeThread(),
        },
        icon("close"),
      ),
    ),
    h(
      "div",
      { class: "scroll", "data-scroll": `thread ${ctx.ui.thread}`, onkeydown: moveBetweenMessages },
      h(
        "div",
        { class: "list" },
        messageNodes(messages.slice(0, 1), ctx, { inThread: true }),
        h(
          "p",
          { key: "count", class: "divider thread-count" },
          h("span", null, count === 1 ? "1 reply" : `${count} replies`),
        ),
        messageNodes(messages.slice(1), ctx, { inThread: true }),
        agentStatus(channel, ctx.ui.thread, ctx),
      ),
    ),
    canWrite(channel) ? composer(channel, ctx.ui.thread, ctx) : null,
  );
}

function threadMessages(ctx) {
  return ctx.state.messages.filter((message) => message.ts === ctx.ui.thread || message.thread_ts === ctx.ui.thread);
}

/** Messages of the channel itself: no replies, except those also sent to the channel. */
export function channelMessages(ctx) {
  return ctx.state.messages.filter(
    (message) => !message.thread_ts || message.thread_ts === message.ts || message.broadcast,
  );
}

function hasHome(channel, ctx) {
  return channel.is_im && counterpart(channel, ctx)?.is_bot;
}

function header(channel, ctx) {
  const person = channel.is_im ? counterpart(channel, ctx) : null;
  const sign = person ? avatar(person, "small") : icon(channel.is_private ? "lock" : "hash");
  return h(
    "header",
    { key: "head", class: "head" },
    h("h1", null, sign, h("span", null, person ? displayName(person) : channel.name)),
    channel.topic ? h("p", { class: "topic", title: channel.topic }, mrkdwn(channel.topic, ctx)) : null,
    channel.is_archived ? h("span", { class: "tag" }, "Archived") : null,
    hasHome(channel, ctx) ? tabs(channel, ctx) : headerTools(channel, ctx),
  );
}

function headerTools(channel, ctx) {
  const pins = channel.pins?.length ?? 0;
  const tool = (name, count, label, panel) =>
    h(
      "button",
      {
        key: name,
        type: "button",
        class: "tool",
        "aria-label": label,
        title: label,
        "aria-haspopup": "dialog",
        onclick: (event) => ctx.openMenu(event.currentTarget, { label, panel }),
      },
      icon(name),
      h("span", null, count),
    );
  return h(
    "div",
    { class: "head-tools" },
    pins
      ? tool("pin", pins, pins === 1 ? "1 pinned message" : `${pins} pinned messages`, (now) =>
          pinsPanel(channel.id, now),
        )
      : null,
    channel.is_im
      ? null
      : tool(
          "people",
          channel.members.length,
          channel.members.length === 1 ? "1 member" : `${channel.members.length} members`,
          (now) => membersPanel(channel.id, now),
        ),
  );
}

function tabs(channel, ctx) {
  const tab = (name, label) =>
    h(
      "button",
      {
        key: name,
        type: "button",
        role: "tab",
        "aria-selected": String(ctx.ui.tab === name),
        onclick: () => ctx.openTab(name),
      },
      label,
    );
  return h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": "App" },
    tab("home", "Home"),
    tab("messages", channel.unread ? `Messages (${channel.unread})` : "Messages"),
  );
}

function pinsPanel(id, ctx) {
  const pins = ctx.channel(id)?.pins ?? [];
  const row = (ts) => {
    const message = ctx.state.messages.find((one) => one.ts === ts);
    const who = ctx.person(message?.user) ?? ctx.person(message?.bot_id);
    const go = () => (ctx.closeMenu(), ctx.open(id, { ts, thread_ts: message?.thread_ts }));
    return h(
      "button",
      { key: ts, type: "button", class: "panel-row", onclick: go },
      h("strong", null, displayName(who)),
      h("span", { class: "muted" }, timeNode(ts, ctx)),
      h("span", { class: "excerpt" }, (message?.text ?? "").slice(0, 140)),
    );
  };
  return [h("h2", null, "Pinned"), pins.map(row)];
}

function membersPanel(id, ctx) {
  const row = (memberId) => {
    const person = ctx.person(memberId);
    return h(
      "div",
      { key: memberId, class: "panel-row", tabindex: "-1" },
      avatar(person, "small"),
      h("strong", null, displayName(person)),
      h("span", { class: "muted" }, person?.is_bot ? "app" : role(person)),
    );
  };
  return [h("h2", null, "Members"), (ctx.channel(id)?.members ?? []).map(row)];
}

function bookmarks(channel, ctx) {
  if (!channel.bookmarks?.length) return null;
  return h(
    "ul",
    { key: "bookmarks", class: "bookmarks", "aria-label": "Bookmarks" },
    channel.bookmarks.map((bookmark) => h("li", null, icon("bookmark"), link(bookmark.link, bookmark.title, ctx))),
  );
}

function messageList(channel, ctx) {
  const messages = channelMessages(ctx);
  const nodes = messageNodes(messages, ctx, { firstUnread: ctx.ui.firstUnread });
  return h(
    "div",
    {
      key: `scroll-${channel.id}`,
      class: "scroll",
      "data-scroll": channel.id,
      role: "region",
      "aria-label": "Messages",
      tabindex: messages.length ? null : "0",
      onkeydown: moveBetweenMessages,
    },
    h("div", { class: "list" }, messages.length ? null : beginning(channel, ctx), nodes),
  );
}

function beginning(channel, ctx) {
  const text = channel.is_im
    ? "This is the beginning of your conversation."
    : `This is the beginning of ${channelTitle(channel, ctx)}. Nothing has been said yet.`;
  return h("p", { key: "beginning", class: "empty" }, text);
}

function foot(channel, ctx) {
  const jump = ctx.ui.below
    ? h(
        "button",
        { key: "jump", type: "button", class: "button jump-down", onclick: () => ctx.jumpToEnd() },
        icon("chevron"),
        "New messages",
      )
    : null;
  if (canWrite(channel))
    return h(
      "div",
      { key: "foot", class: "foot" },
      jump,
      suggestedPrompts(channel, ctx),
      composer(channel, null, ctx),
    );
  if (channel.is_archived)
    return h(
      "div",
      { key: "foot", class: "foot" },
      jump,
      h("p", { class: "readonly" }, "This channel is archived. You can read it."),
    );
  return h(
    "div",
    { key: "foot", class: "foot" },
    jump,
    h(
      "p",
      { class: "readonly" },
      "You are not in this channel.",
      h(
        "button",
        { type: "button", class: "button primary", onclick: () => ctx.act({ kind: "join", channel: channel.id }) },
        "Join",
      ),
    ),
  );
}

function canWrite(channel) {
  return channel.is_member && !channel.is_archived;
}

function homeNode(ctx) {
  const view = ctx.state.home;
  const inside = view?.blocks?.length
    ? blockNodes(view.blocks, { view_id: view.id }, ctx)
    : h("p", { class: "empty" }, "The app has not published its Home tab for you yet.");
  return h(
    "div",
    { key: "home", class: "scroll home", "data-scroll": "home", role: "tabpanel", "aria-label": "Home", tabindex: "0" },
    h("div", { class: "home-page" }, inside),
  );
}

function moveBetweenMessages(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.matches(".message")) return;
  const all = [...event.currentTarget.querySelectorAll(".message")];
  const next = all[all.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  for (const message of all) message.tabIndex = message === next ? 0 : -1;
  next.focus();
}
