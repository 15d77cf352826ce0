/** Where a time axis has its ticks, and what they say: on a zone's clock, as the contract tells it. */

import type { Clock, ZoneTold } from "../contract";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UTC, dayName, offsetAt, onClock } from "../format";
import type { Span } from "./spans";

/** `under` is the second line: the day, or the year, where it differs from that of the tick before. */
interface Tick {
  atMs: number;
  label: string;
  under: string;
}

interface ClockChange {
  atMs: number;
  words: string;
}

type Step = { every: "time"; ms: number } | { every: "days"; ms: number } | { every: "months"; months: number };

const STEPS: Step[] = [
  ...[10, 30].map((seconds): Step => ({ every: "time", ms: seconds * SECOND_MS })),
  ...[1, 2, 5, 10, 15, 30].map((minutes): Step => ({ every: "time", ms: minutes * MINUTE_MS })),
  ...[1, 2, 3, 6, 12].map((hours): Step => ({ every: "time", ms: hours * HOUR_MS })),
  ...[1, 2, 4, 7, 14].map((days): Step => ({ every: "days", ms: days * DAY_MS })),
  ...[1, 2, 3, 6, 12, 24, 60, 120].map((months): Step => ({ every: "months", months })),
];
/** Without the offset of an hour that comes twice, for which there is no room; the change is marked. */
const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
const MONTH_MS = 28 * DAY_MS;
const MONDAY = 4;
/** How far labels are apart, so that none runs into the next. */
const LABEL_PX = { time: 74, days: 54, months: 46 };

/** The clock of a zone that is told of by name; UTC where none is. */
export function clockNamed(zones: ZoneTold[], name: string): Clock {
  return zones.find((zone) => zone.name === name)?.clock ?? UTC;
}

/** Ticks in a span that is so many pixels wide: at whole hours, days or months of the clock, in order. */
export function ticks(clock: Clock, span: Span, width: number): Tick[] {
  const perPixel = (span[1] - span[0]) / width;
  const step = STEPS.find((each) => lengthOfStep(each) / perPixel >= LABEL_PX[each.every]) ?? STEPS.at(-1)!;
  if (step.every === "time") return timeTicks(clock, span, step.ms);
  if (step.every === "months") return dateTicks(clock, monthStarts(clock, span, step.months), step);
  const starts = dayStarts(clock, span, step.ms);
  return step.ms < 7 * DAY_MS ? dayTicks(clock, starts) : dateTicks(clock, starts, step);
}

/** Where the clock goes forward or back inside a span. */
export function clockChanges(clock: Clock, [fromMs, untilMs]: Span): ClockChange[] {
  const changes: ClockChange[] = [];
  for (let place = 1; place < clock.length; place++) {
    const [atMs, offsetMs] = clock[place]!;
    const byMs = offsetMs - clock[place - 1]![1];
    if (byMs !== 0 && atMs > fromMs && atMs < untilMs) changes.push({ atMs, words: `clock ${byMs < 0 ? "−" : "+"}${shift(Math.abs(byMs))}` });
  }
  return changes;
}

function shift(byMs: number): string {
  const units: [number, string][] = [[HOUR_MS, "h"], [MINUTE_MS, "min"], [SECOND_MS, "s"]];
  const [unitMs, name] = units.find(([each]) => byMs % each === 0) ?? [1, "ms"];
  return `${byMs / unitMs} ${name}`;
}

function lengthOfStep(step: Step): number {
  return step.every === "months" ? step.months * MONTH_MS : step.ms;
}

/** The spans of constant offset within a span. */
function runs(clock: Clock, [fromMs, untilMs]: Span): { fromMs: number; untilMs: number; offsetMs: number }[] {
  const changes = clock.slice(1).map(([atMs]) => atMs).filter((atMs) => atMs > fromMs && atMs < untilMs);
  const edges = [fromMs, ...changes, untilMs];
  return edges.slice(0, -1).map((edge, place) => ({ fromMs: edge, untilMs: edges[place + 1]!, offsetMs: offsetAt(clock, edge) }));
}

/** The first instant at which the clock shows `readingMs` or, where it skips that, more. */
function firstShowing(clock: Clock, readingMs: number): number {
  for (let place = 0; place < clock.length; place++) {
    const [fromMs, offsetMs] = clock[place]!;
    if (place > 0 && readingMs < fromMs + offsetMs) return fromMs;
    const next = clock[place + 1];
    if (!next || readingMs < next[0] + offsetMs) return readingMs - offsetMs;
  }
  return readingMs;
}

/** An hour that the clock shows twice has two ticks; one that it skips has none. */
function timeTicks(clock: Clock, span: Span, stepMs: number): Tick[] {
  const found: Tick[] = [];
  let day = "";
  for (const run of runs(clock, span)) {
    const first = Math.ceil((run.fromMs + run.offsetMs) / stepMs) * stepMs - run.offsetMs;
    for (let atMs = first; atMs < run.untilMs; atMs += stepMs) {
      const today = dayName(clock, atMs);
      found.push({ atMs, label: onClock(clock, atMs, TIME), under: today === day ? "" : today });
      day = today;
    }
  }
  return found;
}

/** The beginnings of local days; weeks begin on Monday. */
function dayStarts(clock: Clock, span: Span, stepMs: number): number[] {
  const days = stepMs / DAY_MS;
  const beginsOn = days % 7 === 0 ? MONDAY : 0;
  const firstDay = Math.floor((span[0] + offsetAt(clock, span[0])) / DAY_MS);
  const first = firstDay + ((((beginsOn - firstDay) % days) + days) % days);
  return startsInside(span, (place) => firstShowing(clock, (first + place * days) * DAY_MS));
}

function monthStarts(clock: Clock, span: Span, months: number): number[] {
  const local = new Date(span[0] + offsetAt(clock, span[0]));
  const month = local.getUTCFullYear() * 12 + local.getUTCMonth();
  const first = Math.floor(month / months) * months;
  return startsInside(span, (place) => {
    const begins = first + place * months;
    return firstShowing(clock, Date.UTC(Math.floor(begins / 12), begins % 12));
  });
}

function startsInside(span: Span, start: (place: number) => number): number[] {
  const found: number[] = [];
  for (let place = 0; start(place) < span[1]; place++) {
    const atMs = start(place);
    if (atMs >= span[0] && found.at(-1) !== atMs) found.push(atMs);
  }
  return found;
}

function dayTicks(clock: Clock, starts: number[]): Tick[] {
  return starts.map((atMs) => ({
    atMs,
    label: onClock(clock, atMs, { day: "numeric", month: "short" }),
    under: onClock(clock, atMs, { weekday: "short" }),
  }));
}

function dateTicks(clock: Clock, starts: number[], step: Step): Tick[] {
  if (step.every === "months" && step.months >= 12) {
    return starts.map((atMs) => ({ atMs, label: onClock(clock, atMs, { year: "numeric" }), under: "" }));
  }
  let year = "";
  return starts.map((atMs) => {
    const ofYear = onClock(clock, atMs, { year: "numeric" });
    const label = onClock(clock, atMs, step.every === "months" ? { month: "short" } : { day: "numeric", month: "short" });
    const tick = { atMs, label, under: ofYear === year ? "" : ofYear };
    year = ofYear;
    return tick;
  });
}
