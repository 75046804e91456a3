// What every part of the page may ask for and do: look people up, act for the current person, move around.

import { placeName, keep, stateOf, valuesOf } from "./forms.js";
import { toEnd } from "./scrolling.js";
import { act, killBot, startScenario } from "./server.js";
import { inWords } from "./toasts.js";

let serial = 0;

/** The context of one drawing. `page` is {redraw, refresh}. */
export function contextOf(state, ui, page) {
  const ctx = {
    state,
    ui,
    me: state?.me,
    now: nowOf(state),
    redraw: page.redraw,
    isMac: /Mac|iPhone|iPad/.test(navigator.platform),
  };
  return Object.assign(ctx, lookups(state), doing(ctx, page), directing(ctx, page), moving(ctx, page), asking(ctx));
}

function nowOf(state) {
  return state ? state.now + (Date.now() - state.readAt) / 1000 : Date.now() / 1000;
}

function lookups(state) {
  return {
    person: (id) =>
      id ? [...state.people, ...state.bots].find((person) => person.id === id || person.bot_id === id) : undefined,
    channel: (id) => state.channels.find((channel) => channel.id === id),
    messageAt: (url) => messageAt(url, state),
  };
}

// Permalinks, as chat.getPermalink gives them, open in the page.
function messageAt(url, state) {
  const found = /\/archives\/(\w+)(?:\/p(\d+)(\d{6}))?$/.exec(url.pathname);
  const own = url.host === location.host || url.host.endsWith(".slack.com");
  if (!found || !own || !state.channels.some((channel) => channel.id === found[1])) return null;
  return { channel: found[1], ts: found[2] && `${found[2]}.${found[3]}`, thread_ts: url.searchParams.get("thread_ts") };
}

function doing(ctx, page) {
  const { ui } = ctx;
  const say = (kind, text, action) => {
    ui.toasts = [...ui.toasts, { id: `page-${(serial += 1)}`, kind, text, action }].slice(-20);
    page.redraw();
  };
  const perform = async (body, busy) => {
    if (busy) (ui.busy.add(busy), page.redraw());
    const answer = await act({ as: ctx.me, ...body });
    if (busy) ui.busy.delete(busy);
    // What the app did not answer, the sandbox says itself: as a notice or beside the message.
    if (!answer.ok) say("error", inWords(answer.error));
    await page.refresh();
    return answer;
  };
  const busyName = (place, block, element) => `${placeName(place)} ${block.block_id}/${element.action_id}`;
  return {
    say,
    act: perform,
    isBusy: (place, block, element) => ui.busy.has(busyName(place, block, element)),
    click: (place, block, element, choice) =>
      perform(
        {
          kind: "click",
          ...place,
          block_id: block.block_id,
          action_id: element.action_id,
          ...choice,
          ...typedSoFar(ctx, place),
        },
        busyName(place, block, element),
      ),
    store: (at, change) => keep(at, { ...stateOf(at), ...change }),
  };
}

// The demo's own controls; a sandbox that runs alone refuses them.
function directing(ctx, page) {
  const report = (answer, text) => {
    ctx.say(answer.ok ? "note" : "error", answer.ok ? text : inWords(answer.error));
    return page.refresh();
  };
  return {
    kill: async () => {
      const { pid } = ctx.state.bot;
      report(await killBot(), `kill -9${pid ? ` ${pid}` : ""}. It restarts by itself and takes up where it was.`);
    },
    startWorld: async (scenario) => {
      report(await startScenario(scenario.name), `The same alert was sent into “${scenario.title}”.`);
    },
  };
}

// A click in a view carries what was typed there, as view.state.values does.
function typedSoFar(ctx, place) {
  if (!place.view_id) return {};
  const view = [...ctx.state.views, ctx.state.home].find((one) => one?.id === place.view_id);
  return { values: valuesOf(view?.blocks ?? [], place) };
}

function moving(ctx, page) {
  const { ui } = ctx;
  const go = (wanted) => {
    ui.wanted = { ...ui.wanted, ...wanted };
    ui.drawer = false;
    return page.refresh();
  };
  const openTab = (tab) => {
    ui.tab = tab;
    page.redraw();
    return ctx.act({ kind: tab === "home" ? "open_home" : "open_dm" });
  };
  return {
    openTab,
    open: (channel, { ts, thread_ts: thread, write = false } = {}) => {
      ui.show = ts ?? null;
      ui.write = write;
      return go({ channel, thread: thread && thread !== ts ? thread : null });
    },
    openThread: (thread) => go({ thread }),
    closeThread: () => go({ thread: null }),
    openBot: async (bot, channel) => {
      ui.tab = "home";
      const answer = channel ? null : await ctx.act({ kind: "open_dm" });
      const id = channel?.id ?? answer?.channel?.id ?? answer?.channel;
      if (id) await go({ channel: id, thread: null });
      await ctx.act({ kind: "open_home" });
    },
    actAs: (as) => go({ as }),
    toggleDrawer: () => ((ui.drawer = !ui.drawer), page.redraw()),
    sent: (threadTs) => (page.redraw(), toEnd(threadTs ? `thread ${threadTs}` : ui.channel)),
    jumpToEnd: () => ((ui.below = false), toEnd(ui.channel), page.redraw()),
    startEditing: (message) => ((ui.editing = message.ts), page.redraw()),
    stopEditing: () => ((ui.editing = null), page.redraw()),
  };
}

function asking(ctx) {
  const { ui, redraw } = ctx;
  return {
    openMenu: (trigger, menu) => {
      ui.menu = { ...menu, id: (serial += 1), trigger, anchor: trigger.getBoundingClientRect() };
      redraw();
    },
    closeMenu: () => {
      const trigger = ui.menu?.trigger;
      ui.menu = null;
      redraw();
      if (trigger?.isConnected) trigger.focus({ preventScroll: true });
    },
    confirmed: (confirm, agree) => {
      if (!confirm) return agree();
      const plain = (text) => text?.text ?? text;
      ui.question = {
        id: (serial += 1),
        title: plain(confirm.title),
        text: confirm.text,
        confirm: plain(confirm.confirm),
        deny: plain(confirm.deny),
        style: confirm.style,
        agree,
      };
      return redraw();
    },
    openSwitcher: () => ((ui.menu = null), (ui.switcher = { typed: "", picked: 0 }), redraw()),
    nameChannel: () => ((ui.naming = { name: "" }), redraw()),
  };
}
