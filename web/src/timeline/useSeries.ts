import { useEffect, useState } from "preact/hooks";
import type { Series } from "../contract";
import type { Source } from "../source";
import { messageOf } from "../trouble";
import type { Span } from "./spans";

const SETTLED_MS = 70;

export interface Shown {
  /** The latest figures that came; those of an earlier span until those of this one are there. */
  series: Series | null;
  waiting: boolean;
  trouble: string;
}

/** The figures of a span, asked for once it has come to rest; what is no longer wanted is aborted. */
export function useSeries(source: Source, preview: string, [fromMs, untilMs]: Span, bins: number, zone: string): Shown {
  const [shown, setShown] = useState<Shown>({ series: null, waiting: true, trouble: "" });
  useEffect(() => {
    if (bins === 0) return;
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      setShown((before) => ({ ...before, waiting: true }));
      try {
        const series = await source.series(preview, { fromMs, untilMs, bins, zone }, stop.signal);
        if (!stop.signal.aborted) setShown({ series, waiting: false, trouble: "" });
      } catch (error) {
        if (!stop.signal.aborted) setShown((before) => ({ ...before, waiting: false, trouble: messageOf(error) }));
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
