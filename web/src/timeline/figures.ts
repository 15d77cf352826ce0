/** The figures of bins in words. */

import type { Clock, Series } from "../contract";
import { DAY_MS, HOUR_MS, MINUTE_MS, count, dayName, instant, plural, share, timeOfDay } from "../format";
import type { Span } from "./spans";

/** `per hour`, `per 5 minutes`. */
export function per(stepMs: number): string {
  const units: [number, string][] = [[7 * DAY_MS, "week"], [DAY_MS, "day"], [HOUR_MS, "hour"], [MINUTE_MS, "minute"]];
  const [unitMs, name] = units.find(([each]) => stepMs % each === 0) ?? [1000, "second"];
  return stepMs === unitMs ? `per ${name}` : `per ${count(stepMs / unitMs)} ${name}s`;
}

/** From when to when, with the day said twice only where it is another. */
export function spanWords(clock: Clock, [fromMs, untilMs]: Span): string {
  const sameDay = dayName(clock, fromMs) === dayName(clock, untilMs - 1);
  return `${instant(clock, fromMs)} – ${sameDay ? timeOfDay(clock, untilMs) : instant(clock, untilMs)}`;
}

function busyWords(series: Series, place: number): string {
  const lines = series.lines[place] ?? null;
  const of = lines === null ? "" : ` of ${count(lines)}`;
  return `lines busy ${count(series.busyMean[place]!, 1)} in the mean, ${count(series.busyMost[place]!)}${of} at most`;
}

/** `12 (24 %)`: so many of the numbers. */
export function partWords(figure: number, numbers: number): string {
  return `${count(figure)} (${share(numbers ? figure / numbers : 0)})`;
}

export function progressWords(series: Series, place: number, numbers: number): string {
  const part = (figure: number): string => partWords(figure, numbers);
  const { dialled, answered, done } = series;
  return `by then ${part(dialled[place]!)} dialled, ${part(answered[place]!)} answered, ${part(done[place]!)} done with`;
}

export function binWords(series: Series, place: number, clock: Clock, numbers: number): string {
  const when = spanWords(clock, [series.fromMs[place]!, series.untilMs[place]!]);
  return `${when}: ${plural(series.dials[place]!, "dial")}; ${busyWords(series, place)}; ${progressWords(series, place, numbers)}.`;
}

/** The dials of a span, and the most lines at any instant of it. */
export function spanFigures(series: Series, span: Span): { dials: number; most: number } {
  const inSpan = series.fromMs.map((fromMs, place) => fromMs < span[1] && series.untilMs[place]! > span[0]);
  const of = (figures: number[]): number[] => figures.filter((_, place) => inSpan[place]);
  return { dials: of(series.dials).reduce((sum, each) => sum + each, 0), most: Math.max(0, ...of(series.busyMost)) };
}
