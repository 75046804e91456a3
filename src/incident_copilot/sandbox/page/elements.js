// Block Kit's interactive elements: buttons, selects, pickers and inputs, in messages, on App Home and in modals.

import { h } from "./dom.js";
import { symbol } from "./emoji.js";
import { placeName, stateOf } from "./forms.js";
import { icon } from "./icons.js";
import { plainText, safeUrl, textNodes } from "./mrkdwn.js";

/** One element. `place` is {channel, ts} or {view_id}; `field` names the input block's label and error, if in one. */
export function elementNode(element, block, place, ctx, field) {
  if (element.visible_to_user_ids && !element.visible_to_user_ids.includes(ctx.me)) return null;
  const draw = DRAWN[element.type];
  const at = { element, block, place, ctx, field, key: element.action_id };
  return draw
    ? draw(at)
    : h("span", { key: at.key, class: "unsupported" }, `The sandbox does not draw “${element.type}” elements.`);
}

const DRAWN = {
  button,
  workflow_button: button,
  icon_button: iconButton,
  feedback_buttons: feedbackButtons,
  overflow,
  static_select: (at) => select(at, at.element.options, "selected_option"),
  external_select: (at) => select(at, [], "selected_option"),
  users_select: (at) => select(at, people(at.ctx), "selected_user"),
  channels_select: (at) => select(at, channels(at.ctx), "selected_channel"),
  conversations_select: (at) => select(at, channels(at.ctx), "selected_conversation"),
  multi_static_select: (at) => choices(at, options(at.element), "checkbox", "selected_options"),
  multi_external_select: (at) => choices(at, [], "checkbox", "selected_options"),
  multi_users_select: (at) => choices(at, people(at.ctx), "checkbox", "selected_users"),
  multi_channels_select: (at) => choices(at, channels(at.ctx), "checkbox", "selected_channels"),
  multi_conversations_select: (at) => choices(at, channels(at.ctx), "checkbox", "selected_conversations"),
  checkboxes: (at) => choices(at, options(at.element), "checkbox", "selected_options"),
  radio_buttons: (at) => choices(at, options(at.element), "radio", "selected_option"),
  plain_text_input: textInput,
  email_text_input: (at) => typed(at, "email", "value"),
  url_text_input: (at) => typed(at, "url", "value"),
  number_input: (at) => typed(at, "number", "value"),
  datepicker: (at) => typed(at, "date", "selected_date"),
  timepicker: (at) => typed(at, "time", "selected_time"),
  datetimepicker: dateAndTime,
  image: ({ element, key }) =>
    h("img", {
      key,
      class: "accessory-image",
      src: safeUrl(element.image_url, location.origin)?.href,
      alt: element.alt_text,
    }),
};

function button({ element, block, place, ctx, key }) {
  const busy = ctx.isBusy(place, block, element);
  const props = {
    key,
    class: `button ${element.style ?? ""}`,
    "aria-label": element.accessibility_label,
    "aria-busy": busy ? "true" : null,
  };
  const url = element.url && safeUrl(element.url);
  if (url) {
    const report = () => ctx.click(place, block, element, { value: element.value });
    return h(
      "a",
      { ...props, href: url.href, title: url.href, target: "_blank", rel: "noopener noreferrer", onclick: report },
      plainText(element.text.text),
      icon("out"),
    );
  }
  const press = () =>
    !busy && ctx.confirmed(element.confirm, () => ctx.click(place, block, element, { value: element.value }));
  return h("button", { ...props, type: "button", onclick: press }, plainText(element.text.text));
}

function iconButton({ element, block, place, ctx, key }) {
  const press = () => ctx.confirmed(element.confirm, () => ctx.click(place, block, element, { value: element.value }));
  return h(
    "button",
    { key, type: "button", class: "button quiet", "aria-label": element.accessibility_label, onclick: press },
    icon("trash"),
    textNodes(element.text, ctx),
  );
}

function feedbackButtons({ element, block, place, ctx, key }) {
  const one = (choice, name) =>
    choice &&
    h(
      "button",
      {
        key: name,
        type: "button",
        class: "button quiet",
        "aria-label": choice.accessibility_label,
        onclick: () => ctx.click(place, block, element, { value: choice.value }),
      },
      h("span", { "aria-hidden": "true" }, name === "positive" ? "👍" : "👎"),
      plainText(choice.text.text),
    );
  return h(
    "span",
    { key, class: "feedback" },
    one(element.positive_button, "positive"),
    one(element.negative_button, "negative"),
  );
}

function overflow({ element, block, place, ctx, key }) {
  const items = options(element).map((option) => ({
    label: plainString(option.text),
    href: option.url && safeUrl(option.url)?.href,
    run: () => ctx.confirmed(element.confirm, () => ctx.click(place, block, element, { selected: option.value })),
  }));
  return h(
    "button",
    {
      key,
      type: "button",
      class: "button square",
      "aria-haspopup": "menu",
      "aria-label": element.accessibility_label ?? "More options",
      onclick: (event) => ctx.openMenu(event.currentTarget, { label: "More options", items }),
    },
    icon("more"),
  );
}

function select(at, plainOptions, name) {
  const { element, field, key } = at;
  const groups = element.option_groups;
  const all = groups ? groups.flatMap((group) => group.options) : (plainOptions ?? []);
  const current = stateOf(at)[name];
  const change = (event) => {
    const found = all.find((option) => option.value === event.target.value) ?? null;
    chosen(at, { [name]: name === "selected_option" ? found : (found?.value ?? null) }, event.target.value);
  };
  const option = ({ value, text }) => h("option", { value, key: value }, plainString(text));
  return h(
    "span",
    { key, class: "select" },
    h(
      "select",
      { ...labelled(at), value: current?.value ?? current ?? "", onchange: change },
      h(
        "option",
        { value: "", disabled: field?.optional ? null : true },
        element.placeholder ? plainString(element.placeholder) : "Choose…",
      ),
      groups
        ? groups.map((group) => h("optgroup", { label: plainString(group.label) }, group.options.map(option)))
        : all.map(option),
    ),
    icon("chevron"),
  );
}

function choices(at, all, type, name) {
  const { element, ctx, key } = at;
  const chosenValues = [stateOf(at)[name] ?? []].flat().map((item) => item.value ?? item);
  const asState = (values) => {
    const picked = all.filter((option) => values.includes(option.value));
    if (name === "selected_option") return picked[0] ?? null;
    return name === "selected_options" ? picked : picked.map((option) => option.value);
  };
  const change = (value) => (event) => {
    const others = type === "radio" ? [] : chosenValues.filter((other) => other !== value);
    const values = event.target.checked ? [...others, value] : others;
    chosen(at, { [name]: asState(values) }, type === "radio" ? value : values);
  };
  const one = (option) =>
    h(
      "label",
      { key: option.value, class: "choice" },
      h("input", {
        type,
        name: `${placeName(at.place)}/${at.block.block_id}/${element.action_id}`,
        checked: chosenValues.includes(option.value),
        onchange: change(option.value),
      }),
      h(
        "span",
        null,
        textNodes(option.text, ctx),
        option.description ? h("small", null, textNodes(option.description, ctx)) : null,
      ),
    );
  return h(
    "div",
    {
      key,
      class: all.length > 8 ? "choices many" : "choices",
      role: type === "radio" ? "radiogroup" : "group",
      ...labelled(at, true),
    },
    all.map(one),
  );
}

function textInput(at) {
  if (!at.element.multiline) return typed(at, "text", "value");
  return h("textarea", { key: at.key, rows: 5, ...textProps(at, "value") });
}

function typed(at, type, name) {
  const { element, key } = at;
  const limits =
    type === "number"
      ? { min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : "1" }
      : null;
  return h("input", { key, type, ...limits, ...textProps(at, name) });
}

function dateAndTime(at) {
  const pad = (number) => String(number).padStart(2, "0");
  const stamp = stateOf(at).selected_date_time;
  const date = stamp ? new Date(stamp * 1000) : null;
  const value = date
    ? `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}`
    : "";
  const change = (event) => {
    const picked = event.target.value ? Math.floor(new Date(event.target.value).getTime() / 1000) : null;
    chosen(at, { selected_date_time: picked }, picked);
  };
  return h("input", { key: at.key, type: "datetime-local", ...labelled(at), value, onchange: change });
}

function textProps(at, name) {
  const { element } = at;
  const picks = name !== "value";
  return {
    ...labelled(at),
    value: stateOf(at)[name] ?? "",
    placeholder: element.placeholder ? plainString(element.placeholder) : null,
    minlength: element.min_length,
    maxlength: element.max_length,
    oninput: (event) => at.ctx.store(at, { [name]: event.target.value || null }),
    onchange: picks ? (event) => chosen(at, { [name]: event.target.value || null }, event.target.value) : null,
    onkeydown: (event) => {
      if (event.key === "Enter" && at.block.dispatch_action && !element.multiline)
        at.ctx.click(at.place, at.block, element, { value: event.target.value });
    },
  };
}

// Outside input blocks a choice is sent at once; inside, only where the block asks for it.
function chosen(at, state, selected) {
  at.ctx.store(at, state);
  if (at.block.type !== "input" || at.block.dispatch_action) {
    at.ctx.confirmed(at.element.confirm, () => at.ctx.click(at.place, at.block, at.element, { selected }));
  }
  at.ctx.redraw();
}

function labelled({ element, field }, isGroup) {
  if (!field)
    return {
      "aria-label": element.accessibility_label ?? (element.placeholder ? plainString(element.placeholder) : "Choose"),
    };
  const described = { "aria-describedby": field.describedBy, "aria-invalid": field.error ? "true" : null };
  const required = field.optional || isGroup ? null : "true";
  return isGroup
    ? { id: field.id, "aria-labelledby": `${field.id}-label`, ...described }
    : { id: field.id, "aria-required": required, ...described };
}

function options(element) {
  return element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
}

function people(ctx) {
  return ctx.state.people
    .filter((person) => !person.deleted)
    .map((person) => ({ value: person.id, text: { text: person.real_name } }));
}

function channels(ctx) {
  return ctx.state.channels
    .filter((channel) => !channel.is_im)
    .map((channel) => ({ value: channel.id, text: { text: `#${channel.name}` } }));
}

function plainString(text) {
  return (text.text ?? "").replace(/:([a-z0-9_+-]+):/g, (whole, name) => symbol(name) ?? whole);
}
