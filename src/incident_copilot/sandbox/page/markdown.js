// The `markdown` block as nodes: the part of CommonMark that Slack draws, line by line.

import { h } from "./dom.js";
import { emoji, link } from "./mrkdwn.js";

const INLINE = new RegExp(
  [
    /`([^`\n]+)`/, // 1 code
    /!?\[([^\]\n]+)\]\((\S+?)(?:\s+"[^"]*")?\)/, // 2, 3 link; Slack shows images as links too
    /\*\*(?=\S)(.+?)(?<=\S)\*\*/, // 4 bold
    /~~(?=\S)(.+?)(?<=\S)~~/, // 5 struck out
    /(?<![\p{L}\p{N}*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![\p{L}\p{N}*])/, // 6 italic
    /(?<![\p{L}\p{N}_])_(?=[^\s_])(.+?)(?<=[^\s_])_(?![\p{L}\p{N}_])/, // 7 italic
    /:([a-z0-9_+-]+):/, // 8 emoji
    /(https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}*_~])/, // 9 bare address
    /\\([\\`*_{}[\]()#+.!|~>-])/, // 10 escaped sign
  ]
    .map((part) => part.source)
    .join("|"),
  "gu",
);
const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/;
const DIVIDER_ROW = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** The nodes of a markdown text. */
export function markdown(source, ctx) {
  const lines = source.replaceAll("\r", "").split("\n");
  const nodes = [];
  while (lines.length) {
    const taken = takePart(lines, ctx);
    if (taken) nodes.push(taken);
  }
  return h("div", { class: "rich" }, nodes);
}

// Each part takes its lines off the front and returns a node, null for nothing to show, undefined for "not mine".
const PARTS = [blank, fence, heading, rule, quote, table, list, paragraph];

function takePart(lines, ctx) {
  for (const part of PARTS) {
    const node = part(lines, ctx);
    if (node !== undefined) return node;
  }
  return null;
}

function blank(lines) {
  if (lines[0]?.trim() !== "") return undefined;
  lines.shift();
  return null;
}

function fence(lines) {
  if (!/^\s*```/.test(lines[0] ?? "")) return undefined;
  lines.shift();
  const inside = takeWhile(lines, (line) => !/^\s*```/.test(line));
  lines.shift();
  return h("pre", null, inside.join("\n"));
}

function heading(lines, ctx) {
  const found = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines[0] ?? "");
  if (!found) return undefined;
  lines.shift();
  return h(`h${Math.min(found[1].length + 3, 6)}`, null, inline(found[2], ctx));
}

function rule(lines) {
  if (!/^\s*([-*_])(\s*\1){2,}\s*$/.test(lines[0] ?? "")) return undefined;
  lines.shift();
  return h("hr", null);
}

function quote(lines, ctx) {
  const quoted = takeWhile(lines, (line) => /^\s*>/.test(line));
  return quoted.length
    ? h("blockquote", null, markdown(quoted.map((line) => line.replace(/^\s*> ?/, "")).join("\n"), ctx))
    : undefined;
}

function table(lines, ctx) {
  if (!lines[0]?.includes("|") || !DIVIDER_ROW.test(lines[1] ?? "") || !lines[1].includes("-")) return undefined;
  const [head, , ...body] = takeWhile(lines, (line) => line.includes("|"));
  const cells = (line) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => inline(cell.trim(), ctx));
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
    h(
      "table",
      null,
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          cells(head).map((cell) => h("th", { scope: "col" }, cell)),
        ),
      ),
      h(
        "tbody",
        null,
        body.map((line) =>
          h(
            "tr",
            null,
            cells(line).map((cell) => h("td", null, cell)),
          ),
        ),
      ),
    ),
  );
}

function list(lines, ctx) {
  const first = ITEM.exec(lines[0] ?? "");
  if (!first) return undefined;
  const depth = first[1].length;
  const items = [];
  for (let found = first; found; found = ITEM.exec(lines[0] ?? "")) {
    if (found[1].length < depth) break;
    if (found[1].length > depth + 1) items.at(-1).children.push(list(lines, ctx));
    else items.push(listItem(lines, found, ctx));
  }
  return /\d/.test(first[2]) ? h("ol", { start: Number.parseInt(first[2], 10) }, items) : h("ul", null, items);
}

function listItem(lines, found, ctx) {
  lines.shift();
  const more = takeWhile(lines, (line) => /^\s+\S/.test(line) && !ITEM.test(line)).map((line) => line.trim());
  const mark =
    found[3] === undefined
      ? null
      : h("span", { role: "img", "aria-label": found[3] === " " ? "To do" : "Done" }, found[3] === " " ? "☐ " : "☑ ");
  return h("li", { class: mark ? "todo" : null }, mark, inline([found[4], ...more].join("\n"), ctx));
}

function paragraph(lines, ctx) {
  const text = [
    lines.shift(),
    ...takeWhile(lines, (line) => line.trim() !== "" && !/^\s*(```|#{1,6}\s|>)/.test(line) && !ITEM.test(line)),
  ];
  return h("p", null, inline(text.join("\n"), ctx));
}

function takeWhile(lines, isWanted) {
  const end = lines.findIndex((line) => !isWanted(line));
  return lines.splice(0, end === -1 ? lines.length : end);
}

function inline(source, ctx) {
  const nodes = [];
  let from = 0;
  for (const found of source.matchAll(INLINE)) {
    nodes.push(source.slice(from, found.index), inlineNode(found, ctx));
    from = found.index + found[0].length;
  }
  nodes.push(source.slice(from));
  return nodes;
}

function inlineNode([whole, code, label, address, bold, struck, starred, underscored, emojiName, bare, escaped], ctx) {
  if (code) return h("code", null, code);
  if (label) return link(address, label, ctx);
  if (bold) return h("strong", null, inline(bold, ctx));
  if (struck) return h("s", null, inline(struck, ctx));
  if (starred ?? underscored) return h("em", null, inline(starred ?? underscored, ctx));
  if (emojiName) return emoji(emojiName);
  if (bare) return link(bare, bare, ctx);
  return escaped ?? whole;
}
