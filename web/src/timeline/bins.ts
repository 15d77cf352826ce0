/** The bins of figures over time: how many there are, which an instant lies in, and where arrows lead. */

import type { Series } from "../contract";
import type { Span } from "./spans";

const PX_PER_BIN = 3.5;

export const HELP_OF_BINS =
  "Drag to look at a span; Ctrl and the wheel, or two fingers, zoom. With the keyboard: ← → the figures before and after, + − zoom, " +
  "Page up and Page down earlier and later, Home the whole.";

/** As many bins as can be told apart. */
export function binsFor(width: number): number {
  return Math.max(20, Math.round(width / PX_PER_BIN / 10) * 10);
}

/** Which bin an instant lies in, or is nearest to; -1 without bins. */
export function binAt(series: Series, atMs: number): number {
  let low = 0;
  let high = series.fromMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (series.untilMs[middle]! <= atMs) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, series.fromMs.length - 1);
}

/** The middle of the bin that an arrow leads to, also beyond the last that is told of; null for other keys. */
export function steppedTo(key: string, series: Series, place: number, span: Span): number | null {
  if (key !== "ArrowRight" && key !== "ArrowLeft") return null;
  const by = key === "ArrowRight" ? 1 : -1;
  const from = place < 0 ? binAt(series, by > 0 ? span[0] : span[1] - 1) : place + by;
  const next = Math.min(Math.max(from, 0), series.fromMs.length - 1);
  return (series.fromMs[next]! + series.untilMs[next]!) / 2 + (from - next) * series.stepMs;
}
