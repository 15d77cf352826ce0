/** Spans of time, [from, until), as they are looked at: moved and scaled, inside a whole, never below a minute. */

import { MINUTE_MS } from "../format";

export type Span = [fromMs: number, untilMs: number];

export const SHORTEST_MS = MINUTE_MS;

/** A whole that can be looked at, however short what is in it. */
export function roomy([fromMs, untilMs]: Span): Span {
  return [fromMs, Math.max(untilMs, fromMs + SHORTEST_MS)];
}

export function lengthOf([fromMs, untilMs]: Span): number {
  return untilMs - fromMs;
}

/** A span of about that length that lies inside the whole. */
export function inside(span: Span, whole: Span): Span {
  const lengthMs = Math.round(Math.min(Math.max(lengthOf(span), SHORTEST_MS), lengthOf(whole)));
  const fromMs = Math.round(Math.min(Math.max(span[0], whole[0]), whole[1] - lengthMs));
  return [fromMs, fromMs + lengthMs];
}

/** A span `factor` times as long, in which `aroundMs` keeps its place. */
export function scaled(span: Span, factor: number, aroundMs: number, whole: Span): Span {
  const lengthMs = Math.min(Math.max(lengthOf(span) * factor, SHORTEST_MS), lengthOf(whole));
  const place = (aroundMs - span[0]) / lengthOf(span);
  const fromMs = aroundMs - place * lengthMs;
  return inside([fromMs, fromMs + lengthMs], whole);
}

export function moved([fromMs, untilMs]: Span, byMs: number, whole: Span): Span {
  return inside([fromMs + byMs, untilMs + byMs], whole);
}

/** The whole minutes that a span is in. */
export function minutesAround([fromMs, untilMs]: Span): Span {
  return [Math.floor(fromMs / MINUTE_MS) * MINUTE_MS, Math.ceil(untilMs / MINUTE_MS) * MINUTE_MS];
}

/** About that span, from and until whole minutes. */
export function inMinutes([fromMs, untilMs]: Span, whole: Span): Span {
  const round = (atMs: number): number => Math.round(atMs / MINUTE_MS) * MINUTE_MS;
  return inside([round(fromMs), round(untilMs)], whole);
}

export function same(one: Span, other: Span): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

/** The span, moved no further than it takes to have an instant in it. */
export function showing(span: Span, atMs: number, whole: Span): Span {
  if (atMs < span[0]) return moved(span, atMs - span[0] - lengthOf(span) / 8, whole);
  if (atMs >= span[1]) return moved(span, atMs - span[1] + lengthOf(span) / 8, whole);
  return span;
}
