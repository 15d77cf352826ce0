/** What a number's lane shows, worked out without drawing: bands of windows, and what an instant says. */

import type { AttemptTold, Clock, DialTold, NumberTold, WaitTold } from "../contract";
import { instant, instantOf, length, plural, sentence, timeOfDay } from "../format";
import { spanWords } from "./figures";
import { outcomeWords } from "./outcomes";
import type { Span } from "./spans";

/** Windows that are drawn as one, since nothing could be seen between them. */
export interface Band {
  span: Span;
  windows: number;
  openMs: number;
}

/** Windows that are closer cannot be told apart. */
const CLOSEST_PX = 3;

export function bands(windows: Span[], [fromMs, untilMs]: Span, msPerPixel: number): Band[] {
  const found: Band[] = [];
  for (const [opens, closes] of windows) {
    if (closes <= fromMs || opens >= untilMs) continue;
    const before = found.at(-1);
    if (before && opens - before.span[1] < CLOSEST_PX * msPerPixel) {
      before.span[1] = closes;
      before.windows++;
      before.openMs += closes - opens;
    } else {
      found.push({ span: [opens, closes], windows: 1, openMs: closes - opens });
    }
  }
  return found;
}

/** The windows before a number has ended, and those of its policy that come too late. */
export function windowsOf(told: NumberTold): { counting: Span[]; over: Span[] } {
  const ends = told.series.map(({ endedMs }) => endedMs ?? Infinity);
  const endMs = ends.length ? Math.max(...ends) : Infinity;
  return {
    counting: told.windows.filter(([opens]) => opens < endMs).map(([opens, closes]) => [opens, Math.min(closes, endMs)]),
    over: told.windows.filter(([, closes]) => closes > endMs).map(([opens, closes]) => [Math.max(opens, endMs), closes]),
  };
}

export function attemptsOf(told: NumberTold): AttemptTold[] {
  return told.series.flatMap((series) => series.attempts);
}

export function waitsOf(told: NumberTold): WaitTold[] {
  return attemptsOf(told).flatMap((attempt) => attempt.waits);
}

const DATES: Record<string, string> = { startDateTime: "start", finishDateTime: "finish" };
/** An instant to be pointed out. */
export interface Marked {
  atMs: number;
  words: string;
}

/** The start and the finish that the policy sets, as instants with their words. */
export function datesOf(told: NumberTold): Marked[] {
  return told.series.flatMap(({ redialNumber, policy }) =>
    policy.flatMap(({ field, value }) => {
      const atMs = Object.hasOwn(DATES, field) ? instantOf(value) : null;
      return atMs === null ? [] : [{ atMs, words: DATES[field]! + ofRedial(redialNumber) }];
    }),
  );
}

function ofRedial(redialNumber: number | null): string {
  return redialNumber === null ? "" : ` of redial ${redialNumber}`;
}

/** All instants at which something happens, in order. */
export function eventsOf(told: NumberTold): number[] {
  const dials = told.dials.map((dial) => dial.atMs);
  const dues = attemptsOf(told).map((attempt) => attempt.dueMs);
  const all = [...told.windows.flat(), ...dials, ...dues, ...datesOf(told).map(({ atMs }) => atMs)];
  return [...new Set(all)].sort((one, other) => one - other);
}

/** The dial nearest to an instant, if it is within reach. */
export function dialNear(told: NumberTold, atMs: number, reachMs: number): DialTold | null {
  let nearest: DialTold | null = null;
  for (const dial of told.dials) {
    const away = Math.abs(dial.atMs - atMs);
    if (away <= reachMs && (!nearest || away < Math.abs(nearest.atMs - atMs))) nearest = dial;
  }
  return nearest;
}

function dialWords(dial: DialTold): string {
  return `attempt ${dial.attempt}${ofRedial(dial.redialNumber)}: ${outcomeWords(dial.outcome)}, ${length(dial.endMs - dial.atMs)}`;
}

/** What there is at an instant: the window, a dial within reach, a wait. */
export function laneWords(told: NumberTold, clock: Clock, atMs: number, reachMs: number): string {
  const parts: string[] = [];
  const dial = dialNear(told, atMs, reachMs);
  if (dial) parts.push(`dialled at ${instant(clock, dial.atMs)}, ${dialWords(dial)}`);
  const due = attemptsOf(told).find((attempt) => Math.abs(attempt.dueMs - atMs) <= reachMs);
  if (due) parts.push(`attempt ${due.attempt} due at ${timeOfDay(clock, due.dueMs)}`);
  const wait = waitsOf(told).find(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
  if (wait) parts.push(`waits until ${instant(clock, wait.untilMs)}: ${wait.words}`);
  const window = told.windows.find(([opens, closes]) => opens <= atMs && atMs < closes);
  const ended = hasEnded(told, atMs);
  const next = wait || due || ended ? undefined : attemptsOf(told).find(({ dueMs }) => dueMs > atMs);
  if (next) parts.push(`attempt ${next.attempt} is due ${instant(clock, next.dueMs)}`);
  if (ended) parts.push("it has ended");
  else parts.push(window ? `may be dialled ${spanWords(clock, window)}` : `may not be dialled${opensNext(told, clock, atMs)}`);
  return `${instant(clock, atMs)}: ${parts.join("; ")}.`;
}

function hasEnded({ series }: NumberTold, atMs: number): boolean {
  return series.every(({ endedMs }) => endedMs !== null && endedMs <= atMs);
}

function opensNext(told: NumberTold, clock: Clock, atMs: number): string {
  const next = told.windows.find(([opens]) => opens > atMs);
  return next ? `, the next window opens ${instant(clock, next[0])}` : "";
}

export function laneSummary(told: NumberTold): string {
  if (!told.windows.length && !told.dials.length) return "No window is open here, so nothing is dialled. Click a moment to ask what forbids it.";
  const windows = told.more ? `more than ${plural(told.windows.length, "window")}` : plural(told.windows.length, "window");
  return `${sentence(windows)} and ${plural(told.dials.length, "dial")} in all. Point at the lane for exact times; click a moment to ask why.`;
}
