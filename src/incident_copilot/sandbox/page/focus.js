// Keeps the keyboard's place: into a dialog and back out, and on a message whose button was replaced by its outcome.

let returnTo = null;
let openDialog = null;

/** What had the focus before a patch. */
export function focusBefore() {
  const element = document.activeElement;
  return { element, ts: element?.closest?.(".message")?.dataset.ts };
}

/** After a patch: the page behind a dialog is inert, and the focus never falls back to nothing. */
export function settleFocus(before, dialog) {
  const page = document.getElementById("app");
  if (dialog && !openDialog) returnTo = before;
  page.inert = Boolean(dialog);
  if (!dialog && openDialog) restore(returnTo);
  else if (!dialog && document.activeElement === document.body && before.element !== document.body) restore(before);
  openDialog = dialog;
}

function restore(place) {
  if (place?.element?.isConnected && place.element !== document.body) place.element.focus({ preventScroll: true });
  else if (place?.ts)
    document.querySelector(`.message[data-ts="${CSS.escape(place.ts)}"]`)?.focus({ preventScroll: true });
}
