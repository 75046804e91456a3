// Slack's rich_text blocks as nodes: sections, lists, quotes and preformatted text with styled elements.

import { h } from "./dom.js";
import { broadcast, channelMention, dateNode, emoji, link, userMention } from "./mrkdwn.js";

/** The nodes of one rich_text block. */
export function richText(block, ctx) {
  return h(
    "div",
    { class: "rich" },
    gatherLists(block.elements ?? []).map((part) => partNode(part, ctx)),
  );
}

// Slack sends one rich_text_list per level: deeper ones belong inside the last item before them.
function gatherLists(parts) {
  const gathered = [];
  for (const part of parts) {
    const last = gathered.at(-1);
    if (part.type === "rich_text_list" && last?.type === "rich_text_list" && (part.indent ?? 0) > (last.indent ?? 0)) {
      last.nested.push(part);
    } else gathered.push(part.type === "rich_text_list" ? { ...part, nested: [] } : part);
  }
  return gathered;
}

function partNode(part, ctx) {
  const inside = () => (part.elements ?? []).map((element) => elementNode(element, ctx));
  if (part.type === "rich_text_section") return h("div", { class: "rich-section" }, inside());
  if (part.type === "rich_text_quote") return h("blockquote", null, inside());
  if (part.type === "rich_text_preformatted") return h("pre", null, inside());
  if (part.type === "rich_text_list") return listNode(part, ctx);
  return null;
}

function listNode(list, ctx) {
  const items = (list.elements ?? []).map((item) =>
    h(
      "li",
      null,
      (item.elements ?? []).map((element) => elementNode(element, ctx)),
    ),
  );
  if (list.nested?.length) items.at(-1)?.children.push(...gatherLists(list.nested).map((part) => listNode(part, ctx)));
  const ordered = list.style === "ordered";
  return h(
    ordered ? "ol" : "ul",
    { class: list.border ? "bordered" : null, start: ordered ? (list.offset ?? 0) + 1 : null },
    items,
  );
}

const ELEMENTS = {
  text: (element) => element.text,
  link: (element, ctx) => link(element.url, element.text ?? element.url, ctx),
  user: (element, ctx) => userMention(element.user_id, ctx),
  channel: (element, ctx) => channelMention(element.channel_id, ctx),
  usergroup: () => h("span", { class: "mention" }, "@group"),
  team: () => h("span", { class: "mention" }, "@team"),
  emoji: (element) => emoji(element.name),
  broadcast: (element) => broadcast(element.range),
  date: (element, ctx) =>
    dateNode(element.timestamp, element.format ?? "{date_short_pretty} {time}", element.fallback, ctx, element.url),
  color: (element) =>
    h("span", null, h("span", { class: "swatch", style: { background: element.value } }), element.value),
};

function elementNode(element, ctx) {
  const style = element.style ?? {};
  let node = ELEMENTS[element.type]?.(element, ctx) ?? element.text ?? "";
  if (style.code) node = h("code", null, node);
  if (style.bold) node = h("strong", null, node);
  if (style.italic) node = h("em", null, node);
  if (style.strike) node = h("s", null, node);
  if (style.underline) node = h("u", null, node);
  return node;
}
