/** The charts of a campaign over time. They share a time axis and differ in what they show. */

import { useMemo } from "preact/hooks";
import type { Clock, Overview, Series } from "../contract";
import { count, plural, share } from "../format";
import { Chart, LEGEND_HEIGHT, type Meaning } from "./Chart";
import { per } from "./figures";
import { type Geometry, areaPath, barsPath, reachedPath, roundValues, scale, stepPath } from "./geometry";
import type { Span } from "./spans";

const PLOT_HEIGHT = 108;
export const TOP = LEGEND_HEIGHT + 6;
const BOTTOM = TOP + PLOT_HEIGHT;
/** Without a legend; clock changes are told there. */
const DIALS_TOP = 18;
/** A limit that is so many times what is used would leave no height for that; it is said in words. */
const FAR = 4;
/** The title says what the bars are. */
const NOTHING_MORE: Meaning[] = [];
const SHARES = [0, 0.25, 0.5, 0.75, 1];

export interface OnAxis {
  at: Geometry;
  clock: Clock;
  zone: string;
  series: Series;
  chosen: number | null;
  pointed: Span | null;
  selected: Span | null;
}

export function DialsChart(props: OnAxis) {
  const { at, series } = props;
  const to = useMemo(() => scale(roundValues(Math.max(0, ...series.dials)), DIALS_TOP, DIALS_TOP + PLOT_HEIGHT), [series]);
  const bars = useMemo(
    () => <path class="chart-fill" d={barsPath(at, series.fromMs, series.untilMs, series.dials, to)} style={{ fill: "var(--accent)" }} />,
    [at, series, to],
  );
  const name = per(series.stepMs);
  const words = `Dials ${name}: at most ${count(Math.max(0, ...series.dials))}. The figures are in the table.`;
  return (
    <Chart {...props} title={`Dials ${name}`} words={words} scale={to} label={count} meanings={NOTHING_MORE} dated={false} told>
      {bars}
    </Chart>
  );
}

export function LinesChart(props: OnAxis & { limited: boolean }) {
  const { at, series } = props;
  const most = Math.max(0, ...series.busyMost);
  const limits = series.lines.filter((lines) => lines !== null);
  const limit = Math.max(0, ...limits);
  const near = limits.length > 0 && limit <= Math.max(most, 1) * FAR;
  const to = useMemo(() => scale(roundValues(near ? Math.max(most, limit) : most), TOP, BOTTOM), [series]);
  const drawn = useMemo(() => {
    const { fromMs, untilMs } = series;
    const level = (figures: (number | null)[]) => (place: number) => (figures[place] == null ? null : to.y(figures[place]));
    return (
      <>
        <path class="chart-fill" d={areaPath(at, fromMs, untilMs, (place) => to.y(series.busyMean[place]!), to.bottom)} style={{ fill: "var(--chart-area)" }} />
        {near && <path class="chart-line broad" d={stepPath(at, fromMs, untilMs, level(series.lines))} style={{ stroke: "var(--bad)" }} />}
        <path class="chart-line" d={stepPath(at, fromMs, untilMs, level(series.busyMost))} style={{ stroke: "var(--accent)" }} />
      </>
    );
  }, [at, series, to, near]);
  const meanings: Meaning[] = [
    { words: "mean", sample: "area", colour: "var(--chart-area)" },
    { words: "most at once", sample: "line", colour: "var(--accent)" },
  ];
  if (near) meanings.push({ words: "limit", sample: "broad", colour: "var(--bad)" });
  const told = limits.length ? `, with a limit of ${count(limit)}` : props.limited ? "" : ", without a limit";
  const words = `Lines busy: at most ${count(most)} at once${told}. The figures are in the table.`;
  return (
    <Chart {...props} title={limits.length ? `Lines busy, limit ${count(limit)}` : "Lines busy"} words={words} scale={to} label={count} meanings={meanings} dated={false} told={false}>
      {drawn}
    </Chart>
  );
}

const MEASURES = [
  { key: "dialled", words: "dialled", sample: "line", colour: "var(--accent)" },
  { key: "done", words: "done with", sample: "dashed", colour: "var(--ink)" },
  { key: "answered", words: "answered", sample: "dotted", colour: "var(--answered)" },
] as const;

export function ProgressChart(props: OnAxis & { overview: Overview }) {
  const { at, series } = props;
  const numbers = props.overview.summary.numbers;
  const to = useMemo(() => scale(SHARES, TOP, BOTTOM), []);
  const drawn = useMemo(
    () =>
      MEASURES.map(({ key, sample, colour }) => {
        const y = (place: number): number => to.y(numbers ? series[key][place]! / numbers : 0);
        return <path key={key} class={`chart-line ${sample}`} d={reachedPath(at, series.fromMs, series.untilMs, y)} style={{ stroke: colour }} />;
      }),
    [at, series, to, numbers],
  );
  const last = series.fromMs.length - 1;
  const reached = last < 0 ? "" : MEASURES.map(({ key, words }) => `${count(series[key][last]!)} ${words}`).join(", ");
  const words = `Progress, by the end of what is shown: ${reached}. The figures are in the table.`;
  return (
    <Chart {...props} title={`Progress: share of ${plural(numbers, "number")}`} words={words} scale={to} label={share} meanings={[...MEASURES]} dated told={false}>
      {drawn}
    </Chart>
  );
}
