// The frame of every dialog: holds the keyboard, closes by Escape, starts in its first field.

import { h } from "./dom.js";
import { keepInside } from "./menus.js";

/** A dialog around `children`; `label` or `labelledBy` names it. */
export function frame(key, { label, labelledBy, close, small }, ...children) {
  const onkeydown = (event) => {
    if (event.key === "Escape") (event.stopPropagation(), close());
    if (event.key === "Tab") keepInside(event, event.currentTarget);
  };
  return h(
    "div",
    { key, class: "dialog-layer" },
    h(
      "div",
      {
        class: small ? "dialog small" : "dialog",
        role: "dialog",
        "aria-modal": "true",
        "aria-label": label,
        "aria-labelledby": labelledBy,
        tabindex: "-1",
        onkeydown,
        mounted: focusFirst,
      },
      children,
    ),
  );
}

function focusFirst(element) {
  const stop =
    element.querySelector("[data-first], .dialog-body input, .dialog-body select, .dialog-body textarea") ??
    element.querySelector(".button.primary") ??
    element;
  stop.focus();
}
