// How people and bots are shown: avatar, name, and what they may do.

import { h } from "./dom.js";

const FALLBACK = "#5b6b7a";

/** A square with the person's initials in their colour; the name beside it carries the meaning. */
export function avatar(person, size = "") {
  const colour = `#${(person?.color ?? "").replace("#", "")}`;
  const background = /^#[0-9a-f]{6}$/i.test(colour) ? colour : FALLBACK;
  const style = { background, color: isLight(background) ? "#14181c" : "#ffffff" };
  const sign = person?.is_bot ? "⌁" : initials(person);
  return h("span", { class: `avatar ${size} ${person?.is_bot ? "bot" : ""}`, style, "aria-hidden": "true" }, sign);
}

export function displayName(person, fallback = "Someone") {
  return person?.real_name || person?.name || fallback;
}

/** "commander", or "guest" where the role does not say so itself. */
export function role(person) {
  return person?.role || (person?.is_guest && "guest") || (person?.is_bot && "app") || "";
}

/** The other side of a direct message. */
export function counterpart(channel, ctx) {
  const others = (channel.members ?? []).filter((id) => id !== ctx.me);
  return ctx.person(others[0] ?? ctx.me);
}

/** "#general", or the other person's name for a direct message. */
export function channelTitle(channel, ctx) {
  return channel.is_im ? displayName(counterpart(channel, ctx), channel.name) : `#${channel.name}`;
}

function initials(person) {
  const words = displayName(person, "?").split(/\s+/);
  return (words[0][0] + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

// WCAG relative luminance; above 0.25 dark letters have the better contrast.
function isLight(hex) {
  const channel = (at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) > 0.18;
}
