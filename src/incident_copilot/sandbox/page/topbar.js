// The bar at the top: the demo's controls (other worlds, the bot and its kill button, links) and who one acts as.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, displayName, role } from "./people.js";

export function topbar(ctx) {
  return h(
    "header",
    { key: "topbar", class: "topbar" },
    h(
      "button",
      {
        type: "button",
        class: "tool only-narrow",
        "aria-label": "Channels",
        "aria-expanded": String(Boolean(ctx.ui.drawer)),
        "aria-controls": "sidebar",
        onclick: () => ctx.toggleDrawer(),
      },
      icon("menu"),
      ctx.state.channels.some((channel) => channel.mention_count)
        ? h("span", { class: "dot", role: "img", "aria-label": "You were mentioned" })
        : null,
    ),
    h("strong", { class: "brand" }, ctx.state.team.name),
    h(
      "div",
      { class: "demo only-wide", role: "group", "aria-label": "Demo" },
      scenarioButton(ctx),
      botState(ctx),
      links(ctx),
    ),
    h(
      "button",
      {
        type: "button",
        class: "button only-narrow demo-button",
        "aria-haspopup": "dialog",
        onclick: (event) => ctx.openMenu(event.currentTarget, { label: "Demo", panel: demoPanel }),
      },
      "Demo",
    ),
    actAs(ctx),
  );
}

function actAs(ctx) {
  const option = (person) =>
    h("option", { key: person.id, value: person.id }, [displayName(person), role(person)].filter(Boolean).join(" · "));
  return h(
    "label",
    { class: "act-as" },
    avatar(ctx.person(ctx.me)),
    h("span", { class: "act-as-label" }, "Act as"),
    h(
      "span",
      { class: "select" },
      h(
        "select",
        { "aria-label": "Act as", value: ctx.me, onchange: (event) => ctx.actAs(event.target.value) },
        ctx.state.people.filter((person) => !person.deleted).map(option),
      ),
      icon("chevron"),
    ),
  );
}

function scenarioButton(ctx) {
  if (!ctx.state.scenarios.length) return null;
  const open = (event) =>
    ctx.openMenu(event.currentTarget, {
      label: "Send the same alert into another world",
      panel: (now) => [h("h2", null, "Send the same alert into another world"), scenarioRows(now)],
    });
  return h(
    "button",
    { type: "button", class: "button", "aria-haspopup": "dialog", onclick: open },
    icon("globe"),
    "Same alert, another world",
    icon("chevron"),
  );
}

function scenarioRows(ctx) {
  return ctx.state.scenarios.map((scenario) =>
    h(
      "button",
      {
        key: scenario.name,
        type: "button",
        class: "panel-row world",
        onclick: () => (ctx.closeMenu(), ctx.startWorld(scenario)),
      },
      h("strong", null, scenario.title),
      h("span", { class: "muted" }, scenario.description),
    ),
  );
}

function botState(ctx) {
  const { running, pid, restarts, can_kill: canKill } = ctx.state.bot ?? {};
  if (!watched(ctx.state.bot)) return null;
  const facts = [running && pid && `pid ${pid}`, restarts ? `${restarts} restart${restarts === 1 ? "" : "s"}` : null]
    .filter(Boolean)
    .join(", ");
  return h(
    "span",
    { key: "bot", class: "bot-state" },
    h(
      "span",
      { class: running ? "status up" : "status down" },
      running ? icon("check") : icon("warning"),
      running ? "Bot running" : "Bot down",
    ),
    facts ? h("span", { class: "muted" }, facts) : null,
    canKill
      ? h(
          "button",
          {
            type: "button",
            class: "button danger-quiet",
            title: "kill -9, then restart: nothing may be lost or said twice",
            disabled: !running,
            onclick: () => ctx.kill(),
          },
          icon("power"),
          "Kill the bot",
        )
      : null,
  );
}

/** Whether the sandbox knows the bot's process; one that runs alone does not. */
export function watched(bot) {
  return Boolean(bot && (bot.running || bot.can_kill || bot.restarts));
}

function links(ctx) {
  return ctx.state.links.map(({ label, url }) =>
    h(
      "a",
      {
        key: url,
        class: "link",
        href: /^(https?:|\/)/.test(url) ? url : null,
        target: "_blank",
        rel: "noopener noreferrer",
      },
      label,
    ),
  );
}

function demoPanel(ctx) {
  return [
    botState(ctx),
    ctx.state.links.length ? h("p", { class: "demo-links" }, links(ctx)) : null,
    ctx.state.scenarios.length ? h("h2", null, "Send the same alert into another world") : null,
    scenarioRows(ctx),
  ];
}
