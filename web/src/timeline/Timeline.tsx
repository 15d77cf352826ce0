import { useId, useMemo, useState } from "preact/hooks";
import type { Overview, Series } from "../contract";
import { plural } from "../format";
import type { Source } from "../source";
import { FiguresTable } from "./FiguresTable";
import { Region } from "./Region";
import { ClockChooser, SpanControls } from "./SpanControls";
import { Uncounted, uncountedWords } from "./Uncounted";
import { clockNamed } from "./axis";
import { HELP_OF_BINS, binAt, binsFor, steppedTo } from "./bins";
import { DialsChart, LinesChart, type OnAxis, ProgressChart } from "./charts";
import { useCursor } from "./cursor";
import { binWords, spanFigures } from "./figures";
import { type Span, inside, roomy, showing } from "./spans";
import "./timeline.css";
import { useSeries } from "./useSeries";
import { useWidth } from "./useWidth";

interface Props {
  source: Source;
  preview: string;
  overview: Overview;
  span: Span;
  onSpan(span: Span): void;
  /** Of a zone among the overview's, or "UTC". */
  zone: string;
  onZone(name: string): void;
  /** The instant that was chosen elsewhere. */
  chosen: number | null;
}

/** The campaign over time: dials, lines busy and progress, from the whole of it to a minute. */
export function Timeline(props: Props) {
  const { source, preview, overview, onSpan, zone, chosen } = props;
  const whole = roomy([overview.fromMs, overview.toMs]);
  const span = inside(props.span, whole);
  const clock = useMemo(() => clockNamed(overview.zones, zone), [overview, zone]);
  const titleId = useId();
  const [element, width] = useWidth<HTMLElement>();
  const shown = useSeries(source, preview, span, width && binsFor(width), zone);
  const cursor = useCursor();
  const [tabled, setTabled] = useState(false);
  const { series } = shown;
  const numbers = overview.summary.numbers;
  const place = series && cursor.atMs !== null ? binAt(series, cursor.atMs) : -1;

  const onKey = (event: KeyboardEvent): boolean => {
    if (!series || series.fromMs.length === 0) return false;
    const next = steppedTo(event.key, series, place, span);
    if (next === null) return false;
    cursor.step(next);
    onSpan(showing(span, next, whole));
    return true;
  };
  const told = series && place >= 0 ? binWords(series, place, clock, numbers) : "";

  return (
    <section class="charts" ref={element} aria-labelledby={titleId}>
      <h2 id={titleId}>Over time</h2>
      <div class="charts-tools">
        <SpanControls span={span} whole={whole} onSpan={onSpan} clock={clock} aroundMs={chosen} />
        <ClockChooser zones={overview.zones} zone={zone} onZone={props.onZone} />
        <button type="button" aria-pressed={tabled} onClick={() => setTabled(!tabled)}>Show as a table</button>
      </div>
      {shown.trouble && <p class="charts-trouble" role="alert">The figures of this span did not come: {shown.trouble} Zoom or move to ask again.</p>}
      <p class="charts-readout">{told || (series ? atRest(series, span, overview) : uncountedWords(shown.trouble))}</p>
      <p class="unseen" role="status">{cursor.byKey ? told : ""}</p>
      <Region
        label="Dials, lines busy and progress over time"
        help={HELP_OF_BINS}
        span={span}
        whole={whole}
        onSpan={onSpan}
        cursor={cursor}
        onKey={onKey}
        busy={shown.waiting}
      >
        {(at, selected) => {
          if (!series) return <Uncounted trouble={shown.trouble} />;
          const pointed: Span | null = place >= 0 ? [series.fromMs[place]!, series.untilMs[place]!] : null;
          const shared: OnAxis = { at, clock, zone, series, chosen, pointed, selected };
          return (
            <>
              <DialsChart {...shared} />
              <LinesChart {...shared} limited={overview.limited} />
              <ProgressChart {...shared} overview={overview} />
            </>
          );
        }}
      </Region>
      {tabled && series && <FiguresTable series={series} clock={clock} zone={zone} numbers={numbers} />}
    </section>
  );
}

/** What is shown in a sentence, while nothing is pointed at. */
function atRest(series: Series, span: Span, overview: Overview): string {
  if (overview.summary.dials === 0) return "Nobody is dialled in this run.";
  const { dials, most } = spanFigures(series, span);
  return dials === 0
    ? "No dials in what is shown. Zoom out, or move earlier or later."
    : `In what is shown: ${plural(dials, "dial")}, at most ${plural(most, "line")} busy at once. Point at the charts for the figures of a moment.`;
}
