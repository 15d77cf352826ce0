import { useId, useMemo } from "preact/hooks";
import type { Clock, NumberTold } from "../contract";
import { timeOfDay } from "../format";
import { AXIS_HEIGHT, Selected, TimeAxis, Upright, clockWords } from "./Chart";
import type { Geometry } from "./geometry";
import { type Band, type Marked, attemptsOf, bands, datesOf, waitsOf, windowsOf } from "./lane";
import { OutcomeMark, OutcomeTold } from "./outcomes";
import { type Span, lengthOf } from "./spans";

const DATES_TOP = 2;
const DATES_WORDS = 12;
const TOP = 34;
const BAND_TOP = 40;
const BAND_BOTTOM = 80;
const DIALS = 60;
const WAIT_TOP = 86;
const WAIT_BOTTOM = 96;
const BOTTOM = 104;
const LABELLED_PX = 84;
/** About how wide a letter is, with room after the last. */
const WORDS_PX = 9;

interface Props {
  at: Geometry;
  told: NumberTold;
  clock: Clock;
  zone: string;
  moment: number | null;
  cursorMs: number | null;
  selected: Span | null;
}

/** Windows as bands, dials as marks upon them, waits hatched beneath, due times as ticks at the bottom. */
export function LaneDrawing({ at, told, clock, zone, moment, cursorMs, selected }: Props) {
  const height = BOTTOM + AXIS_HEIGHT;
  const windows = useMemo(() => windowsOf(told), [told]);
  const seen = (atMs: number): boolean => atMs >= at.span[0] && atMs <= at.span[1];
  const still = useMemo(
    () => (
      <>
        <TimeAxis at={at} clock={clock} top={TOP} bottom={BOTTOM} dated told />
        <Bands at={at} windows={windows.counting} clock={clock} kind="lane-window" labelled />
        <Bands at={at} windows={windows.over} clock={clock} kind="lane-window over" labelled={false} />
        <line class="chart-base" x1={at.left} x2={at.right} y1={BOTTOM} y2={BOTTOM} />
        <Waits at={at} told={told} />
        {spaced(datesOf(told).filter(({ atMs }) => seen(atMs)), at).map(({ atMs, words }) => (
          <Upright key={`${words} ${atMs}`} kind="chart-date" at={at} atMs={atMs} top={DATES_TOP} bottom={BOTTOM} words={words} wordsAt={DATES_WORDS} />
        ))}
        {attemptsOf(told).filter(({ dueMs }) => seen(dueMs)).map(({ dueMs }, place) => (
          <path key={place} class="lane-due" d={`M${at.x(dueMs)} ${WAIT_TOP}l-4 -6h8Z`} />
        ))}
        {told.dials.filter(({ atMs }) => seen(atMs)).map((dial) => (
          <OutcomeMark key={dial.atMs} outcome={dial.outcome} x={at.x(dial.atMs)} y={DIALS} />
        ))}
      </>
    ),
    [at, told, clock],
  );
  return (
    <svg data-chart={`Number ${told.phone}, ${clockWords(zone)}`} width={at.width} height={height} viewBox={`0 0 ${at.width} ${height}`} role="img" aria-label={`Windows and dials of ${told.phone}`}>
      {still}
      {moment !== null && seen(moment) && <Upright kind="chart-chosen" at={at} atMs={moment} top={TOP} bottom={BOTTOM} />}
      {cursorMs !== null && seen(cursorMs) && <Upright kind="chart-cursor" at={at} atMs={cursorMs} top={TOP} bottom={BOTTOM} />}
      {selected && <Selected at={at} span={selected} top={TOP} bottom={BOTTOM} />}
    </svg>
  );
}

/** Dates so near to each other that their words would overlap have them together. */
function spaced(dates: Marked[], at: Geometry): Marked[] {
  const placed: Marked[] = [];
  let first = -1;
  for (const date of dates.sort((one, other) => one.atMs - other.atMs)) {
    const before = placed[first];
    if (before && at.x(date.atMs) - at.x(before.atMs) < before.words.length * WORDS_PX) {
      placed[first] = { ...before, words: `${before.words}, ${date.words}` };
      placed.push({ ...date, words: "" });
    } else {
      first = placed.push(date) - 1;
    }
  }
  return placed;
}

interface BandsProps {
  at: Geometry;
  windows: Span[];
  clock: Clock;
  kind: string;
  labelled: boolean;
}

function Bands({ at, windows, clock, kind, labelled }: BandsProps) {
  const found = bands(windows, at.span, lengthOf(at.span) / (at.right - at.left));
  return (
    <>
      {found.map((band) => {
        const left = at.x(band.span[0]);
        const wide = Math.max(at.x(band.span[1]) - left, 1);
        const words = labelled ? labelOf(band, clock, wide) : "";
        return (
          <g key={band.span[0]}>
            <rect class={kind} x={left} y={BAND_TOP} width={wide} height={BAND_BOTTOM - BAND_TOP} />
            {words && <text class="lane-label" x={left + 4} y={BAND_TOP + 11}>{words}</text>}
          </g>
        );
      })}
    </>
  );
}

/** What fits into a band: its times, how many windows it stands for, or nothing. */
function labelOf(band: Band, clock: Clock, wide: number): string {
  if (band.windows > 1) return wide > LABELLED_PX ? `${band.windows} windows` : "";
  const words = band.span.map((atMs) => timeOfDay(clock, atMs)).join(" – ");
  return words.length * 6.2 + 8 < wide ? words : "";
}

function Waits({ at, told }: { at: Geometry; told: NumberTold }) {
  const hatch = useId();
  return (
    <>
      <defs>
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="lane-hatch" x1="0" x2="0" y1="0" y2="6" />
        </pattern>
      </defs>
      {waitsOf(told)
        .filter(({ fromMs, untilMs }) => untilMs > at.span[0] && fromMs < at.span[1])
        .map(({ fromMs, untilMs }, place) => (
          <rect
            key={place}
            class="lane-wait"
            x={at.x(fromMs)}
            y={WAIT_TOP}
            width={Math.max(at.x(untilMs) - at.x(fromMs), 1)}
            height={WAIT_BOTTOM - WAIT_TOP}
            fill={`url(#${hatch})`}
          />
        ))}
    </>
  );
}

/** What the marks of the lane mean, of those that there are. */
export function LaneLegend({ told }: { told: NumberTold }) {
  const outcomes = [...new Set(told.dials.map((dial) => dial.outcome))];
  return (
    <ul class="lane-legend" data-legend aria-label="What the marks mean">
      {outcomes.map((outcome) => (
        <li key={outcome}><OutcomeTold outcome={outcome} /></li>
      ))}
      <li><svg width="18" height="12" aria-hidden="true"><rect class="lane-window" width="18" height="12" /></svg>may be dialled</li>
      {windowsOf(told).over.length > 0 && (
        <li><svg width="18" height="12" aria-hidden="true"><rect class="lane-window over" width="18" height="12" /></svg>after its end</li>
      )}
      {waitsOf(told).length > 0 && (
        <li><svg width="18" height="12" aria-hidden="true"><path class="lane-sample" d="M0 12L6 0M6 12L12 0M12 12L18 0" /></svg>due, and waits</li>
      )}
      {attemptsOf(told).length > 0 && <li><svg width="12" height="12" aria-hidden="true"><path class="lane-due" d="M6 11L1 3H11Z" /></svg>due</li>}
    </ul>
  );
}
