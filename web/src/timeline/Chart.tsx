import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Clock } from "../contract";
import { clockChanges, ticks } from "./axis";
import type { Geometry, Scale } from "./geometry";
import type { Span } from "./spans";

type Sample = "bar" | "outline" | "area" | "line" | "broad" | "dashed" | "dotted";

/** What a mark of the chart means; drawn beside a sample of it. */
export interface Meaning {
  words: string;
  sample: Sample;
  colour: string;
}

export const LEGEND_HEIGHT = 20;
export const AXIS_HEIGHT = 36;
/** About how wide a letter is. */
export const LETTER_PX = 6.7;
const SAMPLE_PX = 26;

interface Props {
  at: Geometry;
  clock: Clock;
  zone: string;
  /** The name over the chart, and what it shows in words. */
  title: string;
  words: string;
  scale: Scale;
  label(value: number): string;
  meanings: Meaning[];
  /** Whether instants are written below. */
  dated: boolean;
  /** Whether clock changes have their words here. */
  told: boolean;
  chosen: number | null;
  pointed: Span | null;
  selected: Span | null;
  children: ComponentChildren;
}

/** A chart over time with its axes, its legend, clock changes, and what is pointed at. Its pixels are the page's. */
export function Chart(props: Props) {
  const { at, clock, title, words, scale, dated } = props;
  const height = scale.bottom + (dated ? AXIS_HEIGHT : 6);
  return (
    <figure class="chart">
      <figcaption><h3>{title}</h3></figcaption>
      <svg data-chart={dated ? `${title}, ${clockWords(props.zone)}` : title} width={at.width} height={height} viewBox={`0 0 ${at.width} ${height}`} role="img" aria-label={words}>
        <Legend at={at} meanings={props.meanings} />
        <Values at={at} scale={scale} label={props.label} />
        <TimeAxis at={at} clock={clock} top={scale.top} bottom={scale.bottom} dated={dated} told={props.told} />
        {props.pointed && <Pointed at={at} span={props.pointed} scale={scale} />}
        {props.children}
        <Marks {...props} />
      </svg>
    </figure>
  );
}

/** What a picture says of its time axis. */
export function clockWords(zone: string): string {
  return `on the clock of ${zone}`;
}

function Legend({ at, meanings }: { at: Geometry; meanings: Meaning[] }) {
  let x = at.left;
  return (
    <g aria-hidden="true">
      {meanings.map((each) => {
        const left = x;
        x += SAMPLE_PX + each.words.length * LETTER_PX + 14;
        return (
          <g key={each.words} transform={`translate(${left} 3)`}>
            <SampleMark sample={each.sample} colour={each.colour} />
            <text class="chart-meaning" x={SAMPLE_PX} y={10}>{each.words}</text>
          </g>
        );
      })}
    </g>
  );
}

function SampleMark({ sample, colour }: { sample: Sample; colour: string }) {
  if (sample === "bar" || sample === "area") return <rect x={2} y={0} width={18} height={11} style={{ fill: colour }} />;
  if (sample === "outline") return <path class="chart-line" d="M2 11V1H20V11" style={{ stroke: colour }} />;
  return <path class={`chart-line ${sample}`} d="M0 6H21" style={{ stroke: colour }} />;
}

function Values({ at, scale, label }: { at: Geometry; scale: Scale; label: (value: number) => string }) {
  return (
    <g aria-hidden="true">
      {scale.values.map((value) => (
        <g key={value}>
          <line class={value === 0 ? "chart-base" : "chart-grid"} x1={at.left} x2={at.right} y1={scale.y(value)} y2={scale.y(value)} />
          <text x={at.left - 6} y={scale.y(value) + 4} text-anchor="end">{label(value)}</text>
        </g>
      ))}
    </g>
  );
}

interface TimeAxisProps {
  at: Geometry;
  clock: Clock;
  top: number;
  bottom: number;
  dated: boolean;
  /** Whether changes of the clock have their words, over the top. */
  told: boolean;
}

/** Ticks at round times of the clock, and where it is changed. */
export function TimeAxis({ at, clock, top, bottom, dated, told }: TimeAxisProps) {
  return useMemo(() => {
    const found = ticks(clock, at.span, at.right - at.left);
    return (
      <g aria-hidden="true">
        {found.map((tick) => {
          const x = at.x(tick.atMs);
          return (
            <g key={tick.atMs}>
              <line class="chart-grid" x1={x} x2={x} y1={top} y2={bottom + (dated ? 4 : 0)} />
              {dated && <text x={x} y={bottom + 16} text-anchor={anchor(at, x, tick.label)}>{tick.label}</text>}
              {dated && tick.under && <text class="chart-under" x={x} y={bottom + 31} text-anchor={anchor(at, x, tick.under)}>{tick.under}</text>}
            </g>
          );
        })}
        {clockChanges(clock, at.span).map(({ atMs, words }) => (
          <Upright key={atMs} kind="chart-change" at={at} atMs={atMs} top={top} bottom={bottom} words={told ? words : ""} wordsAt={top - 5} />
        ))}
      </g>
    );
  }, [at, clock, top, bottom, dated, told]);
}

/** In the middle, unless that runs out of the picture. */
function anchor(at: Geometry, x: number, words: string): "middle" | "end" {
  return x + (words.length * LETTER_PX) / 2 > at.width ? "end" : "middle";
}

interface UprightProps {
  kind: string;
  at: Geometry;
  atMs: number;
  top: number;
  bottom: number;
  words?: string;
  /** How far down the words are. */
  wordsAt?: number;
}

/** A line across all values at an instant, with its words on the side where there is room. */
export function Upright({ kind, at, atMs, top, bottom, words = "", wordsAt = top - 5 }: UprightProps) {
  const x = at.x(atMs);
  const right = x + words.length * LETTER_PX + 8 < at.width;
  return (
    <g class={kind}>
      <line x1={x} x2={x} y1={top} y2={bottom} />
      {words && <text x={right ? x + 4 : x - 4} y={wordsAt} text-anchor={right ? "start" : "end"}>{words}</text>}
    </g>
  );
}

function Pointed({ at, span, scale }: { at: Geometry; span: Span; scale: Scale }) {
  const left = at.x(span[0]);
  return <rect class="chart-pointed" x={left} y={scale.top} width={Math.max(at.x(span[1]) - left, 1)} height={scale.bottom - scale.top} />;
}

function Marks({ at, scale, chosen, selected }: Props) {
  return (
    <g aria-hidden="true">
      {chosen !== null && chosen >= at.span[0] && chosen <= at.span[1] && <Upright kind="chart-chosen" at={at} atMs={chosen} top={scale.top} bottom={scale.bottom} />}
      {selected && <Selected at={at} span={selected} top={scale.top} bottom={scale.bottom} />}
    </g>
  );
}

export function Selected({ at, span, top, bottom }: { at: Geometry; span: Span; top: number; bottom: number }) {
  return <rect class="chart-selected" x={at.x(span[0])} y={top} width={Math.max(at.x(span[1]) - at.x(span[0]), 1)} height={bottom - top} />;
}
