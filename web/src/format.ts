/** Instants, lengths and counts in the words of the reader's own locale. */

import type { Clock } from "./contract";

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Between a figure and its unit. */
const UNBROKEN = "\u00a0";
export const UTC: Clock = [[0, 0]];

/** How far a clock is ahead of UTC at an instant. */
export function offsetAt(clock: Clock, atMs: number): number {
  let offsetMs = clock[0]?.[1] ?? 0;
  for (const [fromMs, nextMs] of clock) {
    if (fromMs > atMs) break;
    offsetMs = nextMs;
  }
  return offsetMs;
}

/** What a clock shows, written with the fields of `options`. The tables of zones are the server's, not the browser's. */
export function onClock(clock: Clock, atMs: number, options: Intl.DateTimeFormatOptions): string {
  return formatter(options).format(atMs + offsetAt(clock, atMs));
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(undefined, { ...options, timeZone: "UTC" });
    formatters.set(key, found);
  }
  return found;
}

/** `Mon, 2 Mar 2026, 10:00`, with seconds where there are any. */
export function instant(clock: Clock, atMs: number): string {
  const whole = atMs % MINUTE_MS === 0;
  return onClock(clock, atMs, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(whole ? {} : { second: "2-digit" }),
  });
}

/** `Mon, 2 Mar, 10:00`. */
export function shortInstant(clock: Clock, atMs: number): string {
  return onClock(clock, atMs, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

export function timeOfDay(clock: Clock, atMs: number): string {
  return onClock(clock, atMs, { hour: "2-digit", minute: "2-digit", ...(atMs % MINUTE_MS ? { second: "2-digit" } : {}) });
}

export function dayName(clock: Clock, atMs: number): string {
  return onClock(clock, atMs, { weekday: "short", day: "numeric", month: "short" });
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/** The instant that a text writes (RFC 3339); null for any other text. */
export function instantOf(text: string): number | null {
  const atMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : atMs;
}

const counts = new Intl.NumberFormat(undefined);

export function count(value: number, digits = 0): string {
  return digits === 0 ? counts.format(value) : value.toLocaleString(undefined, { maximumFractionDigits: digits });
}

export function share(value: number): string {
  return value.toLocaleString(undefined, { style: "percent", maximumFractionDigits: 1 });
}

/** `2 d 3 h`, `4 min 5 s`: the two largest units. */
export function length(lengthMs: number): string {
  const units: [number, string][] = [[DAY_MS, "d"], [HOUR_MS, "h"], [MINUTE_MS, "min"], [SECOND_MS, "s"]];
  const rounded = Math.round(lengthMs / SECOND_MS) * SECOND_MS;
  if (rounded === 0) return `${count(lengthMs / SECOND_MS, 1)}${UNBROKEN}s`;
  const first = units.findIndex(([unitMs]) => rounded >= unitMs);
  return units
    .slice(first, first + 2)
    .map(([unitMs, name], place) => [Math.floor((place ? rounded % units[first]![0] : rounded) / unitMs), name] as const)
    .filter(([value]) => value)
    .map(([value, name]) => `${count(value)}${UNBROKEN}${name}`)
    .join(UNBROKEN);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Words that begin in lower case, as a sentence. */
export function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
