// Keeps lists where people left them: at the end while they read the newest, still while they read further up.

const NEAR_PX = 48;
const atEnd = new WeakMap();
const grown = new ResizeObserver((entries) => entries.forEach((entry) => settle(entry.target.parentElement)));

/** Watches every list of the page; `onEnd(name)` is called when a list reaches its end. */
export function watchScrolling(onEnd) {
  document.addEventListener(
    "scroll",
    ({ target }) => {
      if (!(target instanceof Element) || !target.dataset.scroll) return;
      atEnd.set(target, isNearEnd(target));
      if (atEnd.get(target)) onEnd(target.dataset.scroll);
    },
    true,
  );
}

/** After a patch: new lists start at their unread mark or end, others stay at their end if they were there. */
export function settleLists() {
  for (const list of document.querySelectorAll("[data-scroll]:not(.home)")) {
    if (atEnd.has(list)) settle(list);
    else start(list);
  }
}

/** Whether the list of that name shows its newest entry. True for a list that is not on the page. */
export function isAtEnd(name) {
  const list = find(name);
  return list === null || atEnd.get(list) !== false;
}

export function toEnd(name) {
  const list = find(name);
  if (!list) return;
  atEnd.set(list, true);
  settle(list);
}

/** Brings a message into view and gives it the focus. */
export function showMessage(ts) {
  const message = document.querySelector(`.message[data-ts="${CSS.escape(ts)}"]`);
  if (!message) return;
  atEnd.set(message.closest("[data-scroll]"), false);
  message.scrollIntoView({ block: "center" });
  message.focus({ preventScroll: true });
}

function find(name) {
  return document.querySelector(`[data-scroll="${CSS.escape(name)}"]`);
}

function start(list) {
  grown.observe(list.firstElementChild);
  const unread = list.querySelector(".divider.unread");
  const above = unread ? unread.offsetTop - list.offsetTop - 16 : Infinity;
  atEnd.set(list, above >= list.scrollHeight - list.clientHeight);
  list.scrollTop = Math.min(above, list.scrollHeight);
}

function settle(list) {
  if (list && atEnd.get(list)) list.scrollTop = list.scrollHeight;
}

function isNearEnd(list) {
  return list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
}
