// The list of messages: day dividers, grouping, one message with its thread link, reactions, files and marks.

import { blockNodes, imageAddress } from "./blocks.js";
import { editBox } from "./composer.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { messageMenu, reactionMenu } from "./menus.js";
import { emoji, mrkdwn } from "./mrkdwn.js";
import { avatar, displayName } from "./people.js";
import { brief, clock, dayName, full, iso, sameDay } from "./times.js";

const GROUP_S = 300;

/** Messages in order with dividers. `firstUnread` is the ts above which "New" stands. */
export function messageNodes(messages, ctx, { inThread = false, firstUnread = null } = {}) {
  const nodes = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const newDay = !before || !sameDay(before.ts, message.ts);
    if (newDay && !inThread) nodes.push(divider(`day-${message.ts.split(".")[0]}`, dayName(message.ts, ctx.now)));
    if (message.ts === firstUnread) nodes.push(divider("new", "New", "unread"));
    const compact = !newDay && message.ts !== firstUnread && continues(before, message);
    nodes.push(messageNode(message, { compact, inThread, last: index === messages.length - 1 }, ctx));
  });
  return nodes;
}

function divider(key, label, extra = "") {
  return h("div", { key, class: `divider ${extra}`, role: "separator", "aria-label": label }, h("span", null, label));
}

function continues(before, message) {
  return (
    sender(before) === sender(message) &&
    !before.subtype &&
    !message.subtype &&
    !before.deleted &&
    Boolean(before.ephemeral_to) === Boolean(message.ephemeral_to) &&
    Number(message.ts) - Number(before.ts) < GROUP_S
  );
}

function sender(message) {
  return message.user ?? message.bot_id;
}

function author(message, ctx) {
  return ctx.person(message.user) ?? ctx.person(message.bot_id);
}

function messageNode(message, { compact, inThread, last }, ctx) {
  const who = author(message, ctx);
  const quiet = /^(channel|group)_/.test(message.subtype ?? "");
  const props = {
    key: `${message.ts}${message.ephemeral_to ? "-only" : ""}`,
    class: `message ${marksOf(message, compact, quiet)}`,
    "data-ts": message.ts,
    tabindex: last ? "0" : "-1",
    "aria-label": `${displayName(who)}, ${brief(message.ts, ctx.now)}`,
  };
  return h(
    "article",
    props,
    h("div", { class: "gutter" }, compact ? timestamp(message) : avatar(who)),
    h(
      "div",
      { class: "content" },
      flags(message, ctx),
      compact ? null : byline(message, who),
      body(message, ctx),
      inThread ? null : threadLink(message, ctx),
    ),
    message.deleted || quiet ? null : toolbar(message, inThread, ctx),
  );
}

function marksOf(message, compact, quiet) {
  const marks = {
    compact,
    quiet,
    "rich-message": hasBlocks(message),
    ephemeral: message.ephemeral_to,
    pinned: message.pinned,
  };
  return Object.keys(marks)
    .filter((mark) => marks[mark])
    .join(" ");
}

function byline(message, who) {
  const tag = who?.is_bot ? h("span", { class: "tag" }, "App") : null;
  return h("p", { class: "byline" }, h("strong", null, displayName(who)), tag, timestamp(message));
}

// What people type is drawn from its text; only apps lay out blocks.
function hasBlocks(message) {
  return Boolean(message.bot_id && message.blocks?.length);
}

function timestamp(message) {
  return h("time", { class: "stamp", datetime: iso(message.ts), title: full(message.ts) }, clock(message.ts));
}

function flags(message, ctx) {
  return [
    message.pinned ? h("p", { class: "flag" }, icon("pin"), "Pinned to this channel") : null,
    message.ephemeral_to
      ? h(
          "p",
          { class: "flag" },
          icon("eye"),
          message.ephemeral_to === ctx.me
            ? "Only visible to you"
            : `Only visible to ${displayName(ctx.person(message.ephemeral_to))}`,
        )
      : null,
    message.broadcast ? h("p", { class: "flag" }, icon("reply"), "Also sent from a thread") : null,
  ];
}

function body(message, ctx) {
  if (message.deleted) return h("p", { class: "gone" }, message.text || "This message was deleted.");
  if (ctx.ui.editing === message.ts) return editBox(message, ctx);
  const place = { channel: ctx.ui.channel, ts: message.ts };
  const edited = message.edited
    ? h("span", { class: "edited", title: `Edited ${full(message.edited.ts ?? message.ts)}` }, "(edited)")
    : null;
  const main = hasBlocks(message)
    ? [blockNodes(message.blocks, place, ctx), edited]
    : h("div", { class: "text" }, mrkdwn(message.text ?? "", ctx), edited ? " " : null, edited);
  return [
    main,
    (message.attachments ?? []).map((attachment) => attachmentNode(attachment, place, ctx)),
    message.files?.length ? h("div", { class: "files" }, message.files.map(fileNode)) : null,
    message.warning
      ? h(
          "p",
          { class: "notice-line level-warning", role: "status" },
          icon("warning"),
          h("span", null, message.warning),
        )
      : null,
    reactions(message, ctx),
  ];
}

function attachmentNode(attachment, place, ctx) {
  return h(
    "div",
    { class: "attachment" },
    attachment.blocks?.length
      ? blockNodes(attachment.blocks, place, ctx)
      : mrkdwn(attachment.text ?? attachment.fallback ?? "", ctx),
  );
}

function fileNode(file) {
  const address = imageAddress(file);
  const title = file.title || file.name;
  const label = h("figcaption", null, icon("file"), title);
  if (!file.mimetype?.startsWith("image/"))
    return h("a", { key: file.id, class: "file", href: address, target: "_blank", rel: "noopener noreferrer" }, label);
  const picture = h("img", { class: "picture", src: address, alt: file.alt_txt || title });
  return h(
    "figure",
    { key: file.id },
    label,
    h("a", { href: address, target: "_blank", rel: "noopener noreferrer", title: "Open the image" }, picture),
  );
}

function reactions(message, ctx) {
  if (!message.reactions?.length) return null;
  const chip = ({ name, users }) => {
    const mine = users.includes(ctx.me);
    const names = users.map((id) => (id === ctx.me ? "you" : displayName(ctx.person(id)))).join(", ");
    return h(
      "button",
      {
        key: name,
        type: "button",
        class: "reaction",
        "aria-pressed": String(mine),
        title: `${names} reacted with :${name}:`,
        "aria-label": `${name.replaceAll("_", " ")}, ${names}`,
        onclick: () => ctx.act({ kind: mine ? "unreact" : "react", channel: ctx.ui.channel, ts: message.ts, name }),
      },
      emoji(name),
      h("span", { class: "count" }, users.length),
    );
  };
  const add = h(
    "button",
    {
      key: "add",
      type: "button",
      class: "reaction add",
      "aria-label": "Add a reaction",
      onclick: (event) => reactionMenu(event.currentTarget, message, ctx),
    },
    icon("smile"),
  );
  return h("div", { class: "reactions" }, message.reactions.map(chip), message.ephemeral_to ? null : add);
}

function threadLink(message, ctx) {
  if (!message.reply_count) return null;
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  return h(
    "button",
    {
      type: "button",
      class: "thread-link",
      "aria-expanded": String(ctx.ui.thread === message.ts),
      onclick: () => ctx.openThread(message.ts),
    },
    (message.reply_users ?? []).slice(0, 4).map((id) => avatar(ctx.person(id), "small")),
    h("span", { class: "replies" }, count),
    message.latest_reply ? h("span", { class: "muted" }, `last ${brief(message.latest_reply, ctx.now)}`) : null,
  );
}

function toolbar(message, inThread, ctx) {
  if (message.ephemeral_to) return null;
  const tool = (name, label, onclick, menu) =>
    h(
      "button",
      { key: name, type: "button", "aria-label": label, title: label, "aria-haspopup": menu ? "menu" : null, onclick },
      icon(name),
    );
  return h(
    "div",
    { class: "toolbar", role: "group", "aria-label": "Message actions" },
    tool("smile", "Add a reaction", (event) => reactionMenu(event.currentTarget, message, ctx), true),
    inThread ? null : tool("reply", "Reply in thread", () => ctx.openThread(message.thread_ts ?? message.ts)),
    tool("more", "More actions", (event) => messageMenu(event.currentTarget, message, ctx), true),
  );
}
