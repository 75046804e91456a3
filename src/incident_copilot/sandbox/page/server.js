// Talks to the sandbox's control API: reads its state, follows its changes, does what a person does.

/** The state as `person` sees it, with the messages of `channel`; null where the sandbox knows no such person or channel. Rejects when it does not answer. */
export async function readState(person, channel) {
  const query = new URLSearchParams();
  if (person) query.set("as", person);
  if (channel) query.set("channel", channel);
  const response = await fetch(`/control/state?${query}`, { cache: "no-store" });
  if (response.status >= 400 && response.status < 500) return null;
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}`);
  return response.json();
}

/** What came of an act: {ok, error?, acked?, errors?, done}; `done` means that the sandbox took it and the app answered. Never rejects. */
export async function act(body) {
  const answer = await post("/control/act", body);
  return { ...answer, done: answer.ok && answer.acked !== false && !answer.errors };
}

export function startScenario(name) {
  return post(`/control/scenarios/${encodeURIComponent(name)}`, {});
}

export function killBot() {
  return post("/control/bot/kill", {});
}

const RETRY_MS = 2000;

/** Calls `onChange` after every change of the sandbox and `onLink(true|false)` as the connection comes and goes. */
export function followChanges(onChange, onLink) {
  const source = new EventSource("/control/changes");
  source.addEventListener("changed", onChange);
  source.onopen = () => onLink(true);
  source.onerror = () => {
    onLink(false);
    // The browser reconnects by itself except after an HTTP error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => followChanges(onChange, onLink), RETRY_MS);
  };
}

async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({ ok: response.ok }));
    return response.ok ? { ok: true, ...answer } : { error: `http_${response.status}`, ...answer, ok: false };
  } catch {
    return { ok: false, error: "sandbox_unreachable" };
  }
}
