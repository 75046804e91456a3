// Slack's mrkdwn as nodes. Text from outside only ever becomes text nodes, and links only http, https or mailto.

import { h } from "./dom.js";
import { symbol } from "./emoji.js";
import { brief, fillTokens, full, iso } from "./times.js";

const INLINE = new RegExp(
  [
    /`([^`\n]+)`/, // 1 code
    /<([^<>\n]+)>/, // 2 link, mention or date
    /:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/, // 3 emoji
    /(?<![\p{L}\p{N}*])\*(?=\S)((?:<[^<>\n]+>|[^*\n])+?)(?<=\S)\*(?![\p{L}\p{N}*])/, // 4 bold
    /(?<![\p{L}\p{N}_])_(?=\S)((?:<[^<>\n]+>|:[a-z0-9_+'-]+:|[^_\n])+?)(?<=\S)_(?![\p{L}\p{N}_])/, // 5 italic
    /(?<![\p{L}\p{N}~])~(?=\S)((?:<[^<>\n]+>|[^~\n])+?)(?<=\S)~(?![\p{L}\p{N}~])/, // 6 struck out
    /(https?:\/\/[^\s<>"'`|]*[^\s<>"'`|.,;:!?)\]}*_~])/, // 7 bare address
  ]
    .map((part) => part.source)
    .join("|"),
  "gu",
);

/** A `mrkdwn` or `plain_text` object (or a string, read as mrkdwn) as nodes. */
export function textNodes(text, ctx) {
  if (!text) return [];
  if (typeof text === "string") return mrkdwn(text, ctx);
  return text.type === "plain_text" ? plainText(text.text ?? "") : mrkdwn(text.text ?? "", ctx);
}

/** mrkdwn as nodes: fences and quotes are blocks, everything else is inline. */
export function mrkdwn(source, ctx) {
  return source.split(/(```[\s\S]*?```)/).map((part) => {
    const fence = part.length > 6 && part.startsWith("```") && part.endsWith("```");
    return fence ? h("pre", null, unescape(part.slice(3, -3).replace(/^\n|\n$/g, ""))) : quotes(part, ctx);
  });
}

/** Plain text: only emoji names are replaced. */
export function plainText(source) {
  return source
    .split(/(:[a-z0-9_+'-]+:)/)
    .map((part) => (/^:.+:$/.test(part) ? emoji(part.slice(1, -1)) : unescape(part)));
}

export function emoji(name) {
  const sign = symbol(name);
  return sign
    ? h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, sign)
    : `:${name}:`;
}

/** A link, or its plain label where the address is not http, https or mailto. Links to messages open in the page. */
export function link(address, label, ctx) {
  const url = safeUrl(address);
  if (!url) return h("span", null, label);
  const target = ctx.messageAt(url);
  if (target) {
    const open = (event) => (event.preventDefault(), ctx.open(target.channel, target));
    return h("a", { class: "link", href: url.href, onclick: open }, label);
  }
  return h(
    "a",
    { class: "link", href: url.href, title: url.href, target: "_blank", rel: "noopener noreferrer" },
    label,
  );
}

/** The address as a URL where it is http, https or mailto, else null. `base` allows relative ones. */
export function safeUrl(address, base) {
  try {
    const url = new URL(address, base);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

export function userMention(id, ctx, fallback) {
  const person = ctx.person(id);
  const mine = id === ctx.me;
  return h(
    "span",
    { class: mine ? "mention mine" : "mention", title: person?.real_name ?? id },
    `@${person?.name ?? fallback ?? id}`,
  );
}

export function channelMention(id, ctx, fallback) {
  const channel = ctx.channel(id);
  const label = `#${channel?.name ?? fallback ?? "private-channel"}`;
  if (!channel) return h("span", { class: "mention" }, label);
  return h("button", { type: "button", class: "mention", onclick: () => ctx.open(id) }, label);
}

export function broadcast(range) {
  return h("span", { class: "mention mine" }, `@${range}`);
}

/** A moment as `<time>`, by Slack's pattern; the fallback stands for times that cannot be. */
export function dateNode(ts, pattern, fallback, ctx, address) {
  const shown = fillTokens(ts, pattern, ctx.now) ?? fallback ?? pattern;
  const node = h("time", { datetime: iso(ts), title: iso(ts) ? full(ts) : null }, unescape(shown));
  return address ? link(address, node, ctx) : node;
}

export function timeNode(ts, ctx) {
  return h("time", { datetime: iso(ts), title: full(ts) }, brief(ts, ctx.now));
}

export function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

function quotes(source, ctx) {
  const groups = [];
  for (const line of source.split("\n")) {
    const quoted = /^(?:>|&gt;) ?/.test(line);
    if (groups.at(-1)?.quoted !== quoted) groups.push({ quoted, lines: [] });
    groups.at(-1).lines.push(quoted ? line.replace(/^(?:>|&gt;) ?/, "") : line);
  }
  return groups.map(({ quoted, lines }) => {
    const nodes = inline(lines.join("\n"), ctx);
    return quoted ? h("blockquote", null, nodes) : nodes;
  });
}

function inline(source, ctx) {
  const nodes = [];
  let from = 0;
  for (const found of source.matchAll(INLINE)) {
    nodes.push(unescape(source.slice(from, found.index)), inlineNode(found, ctx));
    from = found.index + found[0].length;
  }
  nodes.push(unescape(source.slice(from)));
  return nodes;
}

function inlineNode([whole, code, angle, emojiName, bold, italic, struck, bare], ctx) {
  if (code) return h("code", null, unescape(code));
  if (angle) return angleNode(angle, ctx);
  if (emojiName) return emoji(emojiName);
  if (bold) return h("strong", null, inline(bold, ctx));
  if (italic) return h("em", null, inline(italic, ctx));
  if (struck) return h("s", null, inline(struck, ctx));
  if (bare) return link(unescape(bare), unescape(bare), ctx);
  return whole;
}

function angleNode(inside, ctx) {
  const [head, ...rest] = inside.split("|");
  const label = rest.length ? unescape(rest.join("|")) : null;
  if (head.startsWith("@")) return userMention(head.slice(1), ctx, label);
  if (head.startsWith("#")) return channelMention(head.slice(1), ctx, label);
  if (head.startsWith("!date^")) {
    const [, ts, pattern = "", address] = head.split("^");
    return dateNode(ts, pattern, label, ctx, address);
  }
  if (head.startsWith("!subteam^")) return h("span", { class: "mention" }, label ?? "@group");
  if (head.startsWith("!")) return broadcast(label ?? head.slice(1));
  const address = unescape(head);
  if (!safeUrl(address)) return `<${unescape(inside)}>`;
  return link(address, label === null ? address : plainText(label), ctx);
}
