// Times as people read them: in the reader's own time zone, with Slack's date tokens.

const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { weekday: "long", day: "numeric", month: "long" };
const FULL = { dateStyle: "full", timeStyle: "medium" };
const SHORT_DAY = { day: "numeric", month: "short" };
const DATE = { month: "long", day: "numeric", year: "numeric" };
const SHORT_DATE = { month: "short", day: "numeric", year: "numeric" };
const TIME_SECS = { ...TIME, second: "2-digit" };
const DAY_MS = 86_400_000;

export function clock(ts) {
  return format(ts, TIME);
}

/** "Today", "Yesterday" or "Friday 21 November". */
export function dayName(ts, now) {
  return pretty(ts, now) ?? format(ts, DAY);
}

export function sameDay(a, b) {
  return new Date(seconds(a) * 1000).toDateString() === new Date(seconds(b) * 1000).toDateString();
}

export function full(ts) {
  return format(ts, FULL);
}

export function iso(ts) {
  const date = new Date(seconds(ts) * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

/** "14:02" today, "yesterday 14:02", else "21 Nov 14:02". */
export function brief(ts, now) {
  const day = sameDay(ts, now) ? "" : `${pretty(ts, now)?.toLowerCase() ?? format(ts, SHORT_DAY)} `;
  return day + clock(ts);
}

/** Slack's `<!date^ts^pattern|fallback>`: the pattern with its {tokens} filled in, or null for an impossible time. */
export function fillTokens(ts, pattern, now) {
  if (!iso(ts)) return null;
  return pattern.replace(/\{(\w+)\}/g, (token, name) => TOKENS[name]?.(ts, now) ?? token);
}

const LONG = { weekday: "long", month: "long", day: "numeric", year: "numeric" };
const TOKENS = {
  date_num: (ts) => iso(ts).slice(0, 10),
  date: (ts) => format(ts, DATE),
  date_short: (ts) => format(ts, SHORT_DATE),
  date_long: (ts) => format(ts, LONG),
  date_pretty: (ts, now) => pretty(ts, now)?.toLowerCase() ?? TOKENS.date(ts),
  date_short_pretty: (ts, now) => pretty(ts, now)?.toLowerCase() ?? TOKENS.date_short(ts),
  date_long_pretty: (ts, now) => pretty(ts, now)?.toLowerCase() ?? TOKENS.date_long(ts),
  time: (ts) => clock(ts),
  time_secs: (ts) => format(ts, TIME_SECS),
  ago: (ts, now) => ago(seconds(now) - seconds(ts)),
};

function seconds(ts) {
  return Number.parseFloat(ts);
}

// Making a formatter costs far more than using one, and a channel holds hundreds of times.
const formatters = new Map();

function format(ts, options) {
  if (!formatters.has(options)) formatters.set(options, new Intl.DateTimeFormat("en-GB", options));
  return formatters.get(options).format(new Date(seconds(ts) * 1000));
}

function pretty(ts, now) {
  const midnight = (value) => new Date(seconds(value) * 1000).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(now) - midnight(ts)) / DAY_MS);
  return { 0: "Today", 1: "Yesterday", "-1": "Tomorrow" }[days] ?? null;
}

function ago(elapsed) {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const steps = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ];
  for (const [unit, size] of steps)
    if (Math.abs(elapsed) >= size) return words.format(-Math.trunc(elapsed / size), unit);
  return Math.abs(elapsed) < 5 ? "just now" : words.format(-Math.trunc(elapsed), "second");
}
