import { useMemo, useState } from "preact/hooks";
import type { Clock, Overview, Series } from "../contract";
import { count, plural, share } from "../format";
import type { Source } from "../source";
import { Chart, type Meaning } from "./Chart";
import { Region } from "./Region";
import { SpanControls } from "./SpanControls";
import { Uncounted, uncountedWords } from "./Uncounted";
import { clockNamed } from "./axis";
import { HELP_OF_BINS, binAt, binsFor, steppedTo } from "./bins";
import { TOP } from "./charts";
import { useCursor } from "./cursor";
import { per, progressWords, spanFigures, spanWords } from "./figures";
import { type Geometry, barsPath, reachedPath, roundValues, scale, stepPath } from "./geometry";
import { type Span, inside, roomy, same, showing } from "./spans";
import "./timeline.css";
import { useSeries } from "./useSeries";
import { useWidth } from "./useWidth";

export interface Side {
  source: Source;
  preview: string;
  overview: Overview;
  name: string;
}

interface Props {
  a: Side;
  b: Side;
  /** The whole that is compared. */
  span: Span;
  zone: string;
}

const SMALL_HEIGHT = 76;
/** For what is said of clock changes, under the legend. */
const CHANGES_HEIGHT = 14;
const MEASURES = [
  { key: "dialled", words: "Dialled" },
  { key: "answered", words: "Answered" },
  { key: "done", words: "Done with" },
] as const;
const A = "var(--accent)";
const B = "var(--warn)";

/** Two runs over one another: their dials, and how far each of them is. */
export function Compared({ a, b, span: wholeSpan, zone }: Props) {
  const whole = roomy(wholeSpan);
  const [zoom, setZoom] = useState<Span | null>(null);
  const span = inside(zoom ?? whole, whole);
  const onSpan = (next: Span): void => setZoom(same(next, whole) ? null : next);
  const clock = useMemo(() => clockNamed([...a.overview.zones, ...b.overview.zones], zone), [a.overview, b.overview, zone]);
  const [element, width] = useWidth<HTMLElement>();
  const bins = width && binsFor(width);
  const ofA = useSeries(a.source, a.preview, span, bins, zone);
  const ofB = useSeries(b.source, b.preview, span, bins, zone);
  const cursor = useCursor();
  const both = ofA.series && ofB.series ? { a: ofA.series, b: ofB.series } : null;
  const place = both && cursor.atMs !== null ? binAt(both.a, cursor.atMs) : -1;

  const onKey = (event: KeyboardEvent): boolean => {
    if (!both || both.a.fromMs.length === 0) return false;
    const next = steppedTo(event.key, both.a, place, span);
    if (next === null) return false;
    cursor.step(next);
    onSpan(showing(span, next, whole));
    return true;
  };
  const trouble = ofA.trouble || ofB.trouble;
  const told = both && cursor.atMs !== null ? binsTold(a, b, both, cursor.atMs, clock) : [];
  const words = told.length ? told : both ? atRest(a, b, both, span) : [uncountedWords(trouble)];
  return (
    <section class="charts" ref={element} aria-label={`${a.name} and ${b.name} over time`}>
      <div class="charts-tools"><SpanControls span={span} whole={whole} onSpan={onSpan} clock={clock} /></div>
      {trouble && <p class="charts-trouble" role="alert">The figures of this span did not come: {trouble} Zoom or move to ask again.</p>}
      <div class="charts-readout of-two">
        {words.map((line) => <p key={line}>{line}</p>)}
      </div>
      <p class="unseen" role="status">{cursor.byKey ? told.join(" ") : ""}</p>
      <Region
        label={`Dials and progress of ${a.name} and ${b.name} over time`}
        help={HELP_OF_BINS}
        span={span}
        whole={whole}
        onSpan={onSpan}
        cursor={cursor}
        onKey={onKey}
        busy={ofA.waiting || ofB.waiting}
      >
        {(at, selected) => {
          if (!both) return <Uncounted trouble={trouble} />;
          const pointed: Span | null = place >= 0 ? [both.a.fromMs[place]!, both.a.untilMs[place]!] : null;
          const shared = { at, clock, zone, a, b, both, pointed, selected };
          return (
            <>
              <DialsOfBoth {...shared} />
              {MEASURES.map((measure, index) => (
                <ProgressOfBoth key={measure.key} {...shared} measure={measure} dated={index === MEASURES.length - 1} />
              ))}
            </>
          );
        }}
      </Region>
    </section>
  );
}

interface Both {
  a: Series;
  b: Series;
}

/** When, and the figures of both then: they are asked for alike, so that their bins are the same. */
function binsTold(a: Side, b: Side, both: Both, atMs: number, clock: Clock): string[] {
  const figures = ([[a, both.a], [b, both.b]] as const).map(([side, series]) => {
    const place = binAt(series, atMs);
    return `${side.name}: ${plural(series.dials[place]!, "dial")}; ${progressWords(series, place, side.overview.summary.numbers)}.`;
  });
  const place = binAt(both.a, atMs);
  return [`${spanWords(clock, [both.a.fromMs[place]!, both.a.untilMs[place]!])}:`, ...figures];
}

function atRest(a: Side, b: Side, both: Both, span: Span): string[] {
  return ([[a, both.a], [b, both.b]] as const).map(([side, series]) => {
    const { dials, most } = spanFigures(series, span);
    return `${side.name}: ${plural(dials, "dial")} in what is shown, at most ${plural(most, "line")} busy at once.`;
  });
}

interface DrawnProps {
  at: Geometry;
  clock: Clock;
  zone: string;
  a: Side;
  b: Side;
  both: Both;
  pointed: Span | null;
  selected: Span | null;
}

function DialsOfBoth(props: DrawnProps) {
  const { at, a, b, both } = props;
  const most = Math.max(0, ...both.a.dials, ...both.b.dials);
  const to = useMemo(() => scale(roundValues(most), TOP + CHANGES_HEIGHT, TOP + SMALL_HEIGHT + 2 * CHANGES_HEIGHT), [most]);
  const drawn = useMemo(
    () => (
      <>
        <path class="chart-fill" d={barsPath(at, both.a.fromMs, both.a.untilMs, both.a.dials, to)} style={{ fill: A, fillOpacity: "0.55" }} />
        <path class="chart-line" d={stepPath(at, both.b.fromMs, both.b.untilMs, (place) => to.y(both.b.dials[place]!))} style={{ stroke: B }} />
      </>
    ),
    [at, both.a, both.b, to],
  );
  const meanings: Meaning[] = [
    { words: a.name, sample: "bar", colour: A },
    { words: b.name, sample: "outline", colour: B },
  ];
  const name = per(both.a.stepMs);
  const words = `Dials ${name}: at most ${count(Math.max(0, ...both.a.dials))} in ${a.name}, ${count(Math.max(0, ...both.b.dials))} in ${b.name}.`;
  return (
    <Chart {...props} chosen={null} title={`Dials ${name}`} words={words} scale={to} label={count} meanings={meanings} dated={false} told>
      {drawn}
    </Chart>
  );
}

function ProgressOfBoth(props: DrawnProps & { measure: (typeof MEASURES)[number]; dated: boolean }) {
  const { at, a, b, both, measure, dated } = props;
  const to = useMemo(() => scale([0, 0.5, 1], TOP, TOP + SMALL_HEIGHT), []);
  const path = (side: Side, series: Series): string => {
    const numbers = side.overview.summary.numbers;
    return reachedPath(at, series.fromMs, series.untilMs, (place) => to.y(numbers ? series[measure.key][place]! / numbers : 0));
  };
  const drawn = useMemo(
    () => (
      <>
        <path class="chart-line" d={path(a, both.a)} style={{ stroke: A }} />
        <path class="chart-line dashed" d={path(b, both.b)} style={{ stroke: B }} />
      </>
    ),
    [at, a.overview, b.overview, both.a, both.b, to],
  );
  const meanings: Meaning[] = [
    { words: a.name, sample: "line", colour: A },
    { words: b.name, sample: "dashed", colour: B },
  ];
  const last = (series: Series): string => count(series[measure.key].at(-1) ?? 0);
  const words = `${measure.words} by the end of what is shown: ${last(both.a)} in ${a.name}, ${last(both.b)} in ${b.name}.`;
  return (
    <Chart {...props} chosen={null} title={`${measure.words}: share of numbers`} words={words} scale={to} label={share} meanings={meanings} dated={dated} told={false}>
      {drawn}
    </Chart>
  );
}
