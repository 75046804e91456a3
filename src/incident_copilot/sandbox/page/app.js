// The page of the sandbox workspace: reads the state, draws it, and redraws after every change.

import { contextOf } from "./context.js";
import { grow } from "./composer.js";
import { channelMessages, conversation, threadPanel } from "./conversation.js";
import { dialogNode } from "./dialogs.js";
import { h, patch } from "./dom.js";
import { focusBefore, settleFocus } from "./focus.js";
import { menuNode } from "./menus.js";
import { channelTitle, displayName } from "./people.js";
import { isAtEnd, settleLists, showMessage, watchScrolling } from "./scrolling.js";
import { followChanges, readState } from "./server.js";
import { sidebar } from "./sidebar.js";
import { toastNodes } from "./toasts.js";
import { topbar, watched } from "./topbar.js";

// Relative times and the bot's state change without a change of the workspace.
const TICK_MS = 30_000;
const SOON_MS = 1_000;

// What the page remembers by itself. Everything else comes from the server.
const ui = {
  wanted: readAddress(),
  channel: null,
  thread: null,
  tab: "home",
  firstUnread: null,
  below: false,
  drafts: {},
  errors: {},
  busy: new Set(),
  dismissed: new Set(),
  toasts: [],
  menu: null,
  question: null,
  switcher: null,
  naming: null,
  editing: null,
  drawer: false,
  offline: false,
  show: null,
  write: false,
};
let state = null;
let reading = null;
let readAgain = false;
let poll = null;

start();

function start() {
  followChanges(refresh, (linked) => {
    ui.offline = !linked;
    if (linked) refresh();
    else redraw();
  });
  watchScrolling((name) => {
    if (name !== ui.channel || !ui.below) return;
    ui.below = false;
    redraw();
    markRead();
  });
  document.addEventListener("keydown", (event) => onKey(event, context()));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !state) return;
    ui.firstUnread = firstUnread();
    redraw();
    markRead();
  });
  window.addEventListener("hashchange", () => {
    ui.wanted = readAddress();
    refresh();
  });
  refresh();
}

// One read at a time; a change that comes meanwhile starts another.
function refresh() {
  readAgain = true;
  reading ??= readAll().finally(() => (reading = null));
  return reading;
}

async function readAll() {
  while (readAgain) {
    readAgain = false;
    const { as, channel } = ui.wanted;
    try {
      const next = await readState(as, channel);
      if (as !== ui.wanted.as || channel !== ui.wanted.channel) continue;
      if (next) adopt(next);
      else if (as || channel) startOver();
    } catch {
      ui.offline = true;
      redraw();
      clearTimeout(poll);
      poll = setTimeout(refresh, SOON_MS);
    }
  }
}

// An old address may name people and channels that are gone.
function startOver() {
  ui.wanted = { as: null, channel: null, thread: null };
  readAgain = true;
}

function adopt(next) {
  const wanted = ui.wanted.channel;
  const known = next.channels.some((channel) => channel.id === wanted);
  if (!known && next.channels.length) {
    ui.wanted = { ...ui.wanted, channel: firstChannel(next), thread: null };
    readAgain = true;
    return;
  }
  const before = state;
  const moved = before?.me !== next.me || ui.channel !== wanted;
  state = { ...next, readAt: Date.now() };
  ui.offline = false;
  ui.wanted = { ...ui.wanted, as: next.me };
  ui.channel = wanted;
  ui.thread = ui.wanted.thread ?? null;
  if (moved) arrive();
  else noteNews(before);
  if (before && before.me === next.me) announceChannels(before);
  writeAddress();
  redraw();
  if (ui.show) (showMessage(ui.show), (ui.show = null));
  if (ui.write) (document.querySelector(".main .composer textarea")?.focus(), (ui.write = false));
  markRead(moved);
  clearTimeout(poll);
  poll = setTimeout(refresh, watched(state.bot) && !state.bot.running ? SOON_MS : TICK_MS);
}

function arrive() {
  const toasts = ui.toasts.filter((toast) => toast.action?.channel !== ui.channel);
  Object.assign(ui, { firstUnread: firstUnread(), below: false, editing: null, toasts });
}

function firstChannel({ channels }) {
  const rooms = channels.filter((channel) => !channel.is_im);
  return (
    rooms.find((channel) => channel.mention_count) ??
    rooms.find((channel) => channel.is_member) ??
    rooms[0] ??
    channels[0]
  ).id;
}

function firstUnread() {
  const unread = state.channels.find((channel) => channel.id === ui.channel)?.unread ?? 0;
  const theirs = channelMessages({ state }).filter((message) => message.user !== state.me && !message.ephemeral_to);
  return unread ? (theirs.at(-unread)?.ts ?? null) : null;
}

// New messages of the open channel are read out, and offered below where someone reads further up.
function noteNews(before) {
  const seen = new Set(before.messages.map((message) => message.ts));
  const fresh = state.messages.filter((message) => !seen.has(message.ts) && message.user !== state.me);
  if (!fresh.length) return;
  if (!isAtEnd(ui.channel)) ui.below = true;
  const ctx = context();
  const spoken = fresh
    .slice(-3)
    .map(
      (message) =>
        `${displayName(ctx.person(message.user) ?? ctx.person(message.bot_id))}: ${(message.text ?? "").slice(0, 200)}`,
    );
  document.getElementById("spoken").textContent = spoken.join(". ");
}

function announceChannels(before) {
  const known = new Set(before.channels.filter((channel) => channel.is_member).map((channel) => channel.id));
  const ctx = context();
  for (const channel of state.channels) {
    if (channel.is_im || !channel.is_member || known.has(channel.id) || channel.id === ui.channel) continue;
    ctx.say("note", `You are now in ${channelTitle(channel, ctx)}.`, {
      label: "Open",
      channel: channel.id,
      run: () => context().open(channel.id),
    });
  }
}

// Opening a channel reads it: the line "New" stays. Later messages are read when they are on screen.
function markRead(opened = false) {
  const channel = state.channels.find((one) => one.id === ui.channel);
  const onHome = channel?.is_im && ui.tab === "home";
  if (!channel?.unread || document.hidden || onHome || !(opened || isAtEnd(ui.channel))) return;
  context().act({ kind: "mark_read", channel: channel.id });
}

function context() {
  return contextOf(state, ui, { redraw, refresh });
}

function redraw() {
  if (!state) return;
  const ctx = context();
  const before = focusBefore();
  const dialog = dialogNode(ctx);
  patch(
    document.getElementById("app"),
    h(
      "div",
      { class: ui.thread ? "page with-thread" : "page" },
      topbar(ctx),
      sidebar(ctx),
      ui.drawer ? h("div", { key: "shade", class: "shade", onclick: () => ctx.toggleDrawer() }) : null,
      conversation(ctx),
      threadPanel(ctx),
    ),
  );
  patch(document.getElementById("over"), [dialog, menuNode(ctx)]);
  patch(document.getElementById("toasts"), toastNodes(ctx));
  settleFocus(before, dialog ? dialog.key : null);
  settleLists();
  document.querySelectorAll(".composer textarea").forEach(grow);
  document.title = titleOf(ctx);
}

function titleOf(ctx) {
  const channel = ctx.channel(ui.channel);
  const mentions = state.channels.reduce((sum, one) => sum + (one.mention_count ?? 0), 0);
  return `${mentions ? `(${mentions}) ` : ""}${channel ? `${channelTitle(channel, ctx)} · ` : ""}${state.team.name}`;
}

function onKey(event, ctx) {
  if (!state) return;
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    ctx.openSwitcher();
  } else if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector(".dialog")) {
    if (ui.menu) ctx.closeMenu();
    else if (ui.drawer) ctx.toggleDrawer();
    else if (ui.thread) ctx.closeThread();
  }
}

function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  return { as: address.get("as"), channel: address.get("channel"), thread: address.get("thread") };
}

function writeAddress() {
  const parts = Object.entries({ as: ui.wanted.as, channel: ui.channel, thread: ui.thread }).filter(
    ([, value]) => value,
  );
  history.replaceState(null, "", `#${new URLSearchParams(parts)}`);
}
