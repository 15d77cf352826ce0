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

/** The date of `options` and the time that a clock shows; with its offset where it shows the same twice, since it was put back. */
function timeOn(clock: Clock, atMs: number, options: Intl.DateTimeFormatOptions): string {
  const words = onClock(clock, atMs, { ...options, hour: "2-digit", minute: "2-digit" });
  const twice = clock.some(([fromMs, offsetMs], place) => {
    const backMs = (clock[place - 1]?.[1] ?? offsetMs) - offsetMs;
    return Math.abs(atMs - fromMs + 0.5) < backMs;
  });
  return twice ? `${words} (${offsetWords(offsetAt(clock, atMs))})` : words;
}

/** `UTC+2`, `UTC−3:30`. */
function offsetWords(offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / MINUTE_MS));
  const rest = minutes % 60 ? `:${String(minutes % 60).padStart(2, "0")}` : "";
  return minutes ? `UTC${offsetMs < 0 ? "−" : "+"}${Math.floor(minutes / 60)}${rest}` : "UTC";
}

function seconds(atMs: number): Intl.DateTimeFormatOptions {
  return atMs % MINUTE_MS ? { second: "2-digit" } : {};
}

/** `Mon, 2 Mar 2026, 10:00`, with seconds where there are any. */
export function instant(clock: Clock, atMs: number): string {
  return timeOn(clock, atMs, { weekday: "short", day: "numeric", month: "short", year: "numeric", ...seconds(atMs) });
}

/** `Mon, 2 Mar, 10:00`. */
export function shortInstant(clock: Clock, atMs: number): string {
  return timeOn(clock, atMs, { weekday: "short", day: "numeric", month: "short" });
}

export function timeOfDay(clock: Clock, atMs: number): string {
  return timeOn(clock, atMs, seconds(atMs));
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

const UNITS: [number, string][] = [[DAY_MS, "d"], [HOUR_MS, "h"], [MINUTE_MS, "min"], [SECOND_MS, "s"]];

/** `2 d 3 h`, `4 min 5 s`: rounded to the second of its two largest units. */
export function length(lengthMs: number): string {
  const first = UNITS.findIndex(([unitMs]) => lengthMs >= unitMs);
  if (first < 0 && lengthMs < SECOND_MS / 2) return `${count(lengthMs / SECOND_MS, 1)}${UNBROKEN}s`;
  const shown = first < 0 ? UNITS.slice(-1) : UNITS.slice(first, first + 2);
  const [leastMs] = shown.at(-1)!;
  const rounded = Math.round(lengthMs / leastMs) * leastMs;
  if (first > 0 && rounded >= UNITS[first - 1]![0]) return length(rounded);
  return shown
    .map(([unitMs, name], place) => [Math.floor((place ? rounded % shown[0]![0] : rounded) / unitMs), name] as const)
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
