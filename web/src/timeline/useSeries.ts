import { useEffect, useState } from "preact/hooks";
import type { Series } from "../contract";
import type { Source } from "../source";
import type { Span } from "./spans";

const SETTLED_MS = 70;
const PX_PER_BIN = 3.5;

export interface Shown {
  /** The latest figures that came; those of an earlier span until those of this one are there. */
  series: Series | null;
  /** The zone on whose clock their bins lie. */
  zone: string;
  waiting: boolean;
  trouble: string;
}

/** As many bins as can be told apart. */
export function binsFor(width: number): number {
  return Math.max(20, Math.round(width / PX_PER_BIN / 10) * 10);
}

/** The figures of a span, asked for once it has come to rest; what is no longer wanted is aborted. */
export function useSeries(source: Source, preview: string, [fromMs, untilMs]: Span, bins: number, zone: string): Shown {
  const [shown, setShown] = useState<Shown>({ series: null, zone, waiting: true, trouble: "" });
  useEffect(() => {
    if (bins === 0) return;
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      setShown((before) => ({ ...before, waiting: true }));
      try {
        const series = await source.series(preview, { fromMs, untilMs, bins, zone }, stop.signal);
        if (!stop.signal.aborted) setShown({ series, zone, waiting: false, trouble: "" });
      } catch (error) {
        if (!stop.signal.aborted) setShown((before) => ({ ...before, waiting: false, trouble: String(error instanceof Error ? error.message : error) }));
      }
    };
    const timer = setTimeout(() => void ask(), SETTLED_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [source, preview, fromMs, untilMs, bins, zone]);
  return shown;
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
