import type { Span } from "./spans";

/** Where instants lie across a chart, in its pixels. */
export interface Geometry {
  width: number;
  left: number;
  right: number;
  span: Span;
  x(atMs: number): number;
  at(x: number): number;
}

const LEFT = 48;
const RIGHT = 20;

export function geometry(width: number, span: Span): Geometry {
  const right = Math.max(width - RIGHT, LEFT + 1);
  const perMs = (right - LEFT) / (span[1] - span[0]);
  return {
    width,
    left: LEFT,
    right,
    span,
    x: (atMs) => Math.min(Math.max(LEFT + (atMs - span[0]) * perMs, LEFT), right),
    at: (x) => Math.min(Math.max(span[0] + (x - LEFT) / perMs, span[0]), span[1]),
  };
}

/** Round values from 0 to at least `most`, few enough to be read; whole numbers only. */
export function roundValues(most: number): number[] {
  const rough = Math.max(most, 1) / 3;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ten * [1, 2, 5, 10].find((factor) => factor * ten >= rough)!);
  const values = [0];
  while (values.at(-1)! < most || values.length < 2) values.push(values.length * step);
  return values;
}

/** Figures in the pixels of a chart: `y` grows downward. */
export interface Scale {
  values: number[];
  top: number;
  bottom: number;
  y(value: number): number;
}

export function scale(values: number[], top: number, bottom: number): Scale {
  const most = values.at(-1)!;
  return { values, top, bottom, y: (value) => bottom - (Math.min(Math.max(value, 0), most) / most) * (bottom - top) };
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** A line that is level over each bin. */
export function stepPath(at: Geometry, fromMs: number[], untilMs: number[], y: (place: number) => number | null): string {
  let path = "";
  let drawn: number | null = null;
  for (let place = 0; place < fromMs.length; place++) {
    const level = untilMs[place]! <= at.span[0] || fromMs[place]! >= at.span[1] ? null : y(place);
    if (level !== null) {
      path += drawn === null ? `M${round(at.x(fromMs[place]!))} ${round(level)}` : `V${round(level)}`;
      path += `H${round(at.x(untilMs[place]!))}`;
    }
    drawn = level;
  }
  return path;
}

/** Bars from the bottom, one per bin with a figure; none so low that it cannot be seen. */
export function barsPath(at: Geometry, fromMs: number[], untilMs: number[], figures: number[], to: Scale): string {
  let path = "";
  for (let place = 0; place < fromMs.length; place++) {
    if (!figures[place] || untilMs[place]! <= at.span[0] || fromMs[place]! >= at.span[1]) continue;
    const left = at.x(fromMs[place]!);
    const wide = at.x(untilMs[place]!) - left;
    const top = Math.min(to.y(figures[place]!), to.bottom - 1.5);
    path += `M${round(left)} ${to.bottom}V${round(top)}h${round(Math.max(wide - (wide > 3 ? 1 : 0), 1))}V${to.bottom}Z`;
  }
  return path;
}

/** What lies below a line of steps. */
export function areaPath(at: Geometry, fromMs: number[], untilMs: number[], y: (place: number) => number, bottom: number): string {
  let path = "";
  for (let place = 0; place < fromMs.length; place++) {
    const level = y(place);
    if (level >= bottom || untilMs[place]! <= at.span[0] || fromMs[place]! >= at.span[1]) continue;
    path += `M${round(at.x(fromMs[place]!))} ${bottom}V${round(level)}H${round(at.x(untilMs[place]!))}V${bottom}Z`;
  }
  return path;
}

/** A line through what was reached by the end of each bin; bins outside the span but the nearest are left out. */
export function reachedPath(at: Geometry, fromMs: number[], untilMs: number[], y: (place: number) => number): string {
  let path = "";
  for (let place = 0; place < fromMs.length; place++) {
    if (untilMs[place]! < at.span[0] || fromMs[place]! >= at.span[1]) continue;
    const level = round(y(place));
    path += path ? "L" : `M${round(at.x(fromMs[place]!))} ${level}L`;
    path += `${round(at.x(untilMs[place]!))} ${level}`;
  }
  return path;
}
