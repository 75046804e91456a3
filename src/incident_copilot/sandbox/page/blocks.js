// Block Kit's layout blocks as nodes, for messages, App Home and modals.

import { h } from "./dom.js";
import { elementNode } from "./elements.js";
import { placeName } from "./forms.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { link, plainText, safeUrl, textNodes } from "./mrkdwn.js";
import { richText } from "./rich_text.js";

/** All blocks of one message or view. `errors` are a modal's messages by block_id. */
export function blockNodes(blocks, place, ctx, errors = {}) {
  return h(
    "div",
    { class: "blocks" },
    blocks.map((block, index) => {
      const draw = DRAWN[block.type] ?? unsupported;
      const key = block.block_id ?? `${block.type}-${index}`;
      return h("div", { key, class: `block block-${block.type}` }, draw(block, place, ctx, errors[block.block_id]));
    }),
  );
}

const DRAWN = {
  header: (block) => h("h3", { class: "header-text" }, plainText(block.text.text)),
  section,
  divider: () => h("hr", null),
  context: (block, place, ctx) => (block.elements ?? []).map((part) => contextPart(part, ctx)),
  actions: (block, place, ctx) => block.elements.map((element) => elementNode(element, block, place, ctx)),
  context_actions: (block, place, ctx) => block.elements.map((element) => elementNode(element, block, place, ctx)),
  image,
  input,
  rich_text: (block, place, ctx) => richText(block, ctx),
  markdown: (block, place, ctx) => markdown(block.text ?? "", ctx),
  table,
  task_card: (block, place, ctx) => taskCard(block, ctx),
  plan,
  alert: (block, place, ctx) =>
    h(
      "p",
      { class: `notice-line level-${block.level ?? "default"}` },
      icon("warning"),
      h("span", null, textNodes(block.text, ctx)),
    ),
  video: (block, place, ctx) =>
    h("p", null, link(block.title_url ?? block.video_url, block.title?.text ?? block.alt_text, ctx)),
};

function unsupported(block) {
  return h("p", { class: "unsupported" }, `The sandbox does not draw “${block.type}” blocks.`);
}

function section(block, place, ctx) {
  return [
    h(
      "div",
      { class: "section-body" },
      block.text ? h("div", { class: "text" }, textNodes(block.text, ctx)) : null,
      block.fields?.length
        ? h(
            "div",
            { class: "fields" },
            block.fields.map((field) => h("div", { class: "text" }, textNodes(field, ctx))),
          )
        : null,
    ),
    block.accessory ? h("div", { class: "accessory" }, elementNode(block.accessory, block, place, ctx)) : null,
  ];
}

function contextPart(part, ctx) {
  if (part.type === "image") return h("img", { class: "context-image", src: imageAddress(part), alt: part.alt_text });
  return h("span", { class: "text" }, textNodes(part, ctx));
}

function image(block) {
  const address = imageAddress(block);
  const picture = h("img", { class: "picture", src: address, alt: block.alt_text, referrerpolicy: "no-referrer" });
  return h(
    "figure",
    null,
    block.title ? h("figcaption", null, plainText(block.title.text)) : null,
    address
      ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer", title: "Open the image" }, picture)
      : h("p", { class: "unsupported" }, block.alt_text),
  );
}

/** Where an image block, element or file is served; null for an address that is no web address. */
export function imageAddress(part) {
  const address =
    part.image_url ??
    part.slack_file?.url ??
    (part.slack_file ? `/files/${encodeURIComponent(part.slack_file.id)}/image` : part.url);
  return safeUrl(address ?? "", location.origin)?.href ?? null;
}

function input(block, place, ctx, error) {
  const id = `field-${placeName(place)}-${block.block_id}`.replaceAll(/[^\w-]/g, "_");
  const describedBy = [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(" ") || null;
  const field = { id, error, describedBy, optional: block.optional };
  const optional = block.optional ? h("span", { class: "optional" }, " (optional)") : null;
  return [
    h("label", { id: `${id}-label`, class: "label", for: id }, plainText(block.label.text), optional),
    elementNode(block.element, block, place, ctx, field),
    error ? h("p", { id: `${id}-error`, class: "field-error" }, icon("warning"), h("span", null, error)) : null,
    block.hint ? h("p", { id: `${id}-hint`, class: "hint" }, plainText(block.hint.text)) : null,
  ];
}

function table(block, place, ctx) {
  const [head, ...body] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  const cell = (tag, scope) => (content, column) =>
    h(
      tag,
      { scope, class: `align-${settings[column]?.align ?? "left"} ${settings[column]?.is_wrapped ? "" : "tight"}` },
      cellNodes(content, ctx),
    );
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
    h(
      "table",
      null,
      h("thead", null, h("tr", null, (head ?? []).map(cell("th", "col")))),
      h(
        "tbody",
        null,
        body.map((row) => h("tr", null, row.map(cell("td", null)))),
      ),
    ),
  );
}

function cellNodes(content, ctx) {
  if (content?.type === "rich_text") return richText(content, ctx);
  return content?.text ?? (content?.value === undefined ? "" : String(content.value));
}

const TASK_MARKS = {
  pending: ["○", "Not started"],
  in_progress: ["◐", "In progress"],
  complete: ["✓", "Done"],
  error: ["✕", "Failed"],
};

function taskCard(task, ctx) {
  const [sign, words] = TASK_MARKS[task.status] ?? TASK_MARKS.pending;
  return h(
    "div",
    { class: `task task-${task.status}` },
    h(
      "p",
      { class: "task-title" },
      h("span", { class: "task-mark", "aria-hidden": "true" }, sign),
      h("span", null, task.title),
      h("span", { class: "task-status" }, words),
    ),
    task.details ? richText(task.details, ctx) : null,
    task.output ? richText(task.output, ctx) : null,
    task.sources?.length
      ? h(
          "p",
          { class: "sources" },
          "Sources: ",
          task.sources.map((source, index) => [index ? " · " : "", link(source.url, source.text ?? source.url, ctx)]),
        )
      : null,
  );
}

function plan(block, place, ctx) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter((task) => task.status === "complete").length;
  return h(
    "details",
    { open: true },
    h(
      "summary",
      null,
      typeof block.title === "string" ? block.title : block.title?.text,
      h("span", { class: "task-status" }, `${done} of ${tasks.length} done`),
    ),
    tasks.map((task) => h("div", { key: task.task_id }, taskCard(task, ctx))),
  );
}
