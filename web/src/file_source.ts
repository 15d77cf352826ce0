/** The source that a mailed file is: it holds what a run gave, and cannot run another. */

import type {
  Clock, FileData, MomentTold, NumberTold, Row, Rows, RowsAsked, Series, SeriesAsked, SeriesTold,
} from "./contract";
import { DAY_MS, HOUR_MS, MINUTE_MS, count, offsetAt } from "./format";
import type { Source } from "./source";
import { clockNamed } from "./timeline/axis";
import { Trouble } from "./trouble";

const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28, 56, 112, 224, 448].map((days) => days * DAY_MS),
];
const WEEK_MS = 7 * DAY_MS;
const MONDAY_MS = 4 * DAY_MS; // 1970 began on a Thursday

export class FileSource implements Source {
  readonly #numbers: Map<number, NumberTold>;
  /** The rows that were asked for last, in order. */
  #listed: { asked: string; rows: Row[] } | null = null;

  constructor(readonly data: FileData) {
    this.#numbers = new Map(data.numbers.map((told) => [told.job, told]));
  }

  async series(_: string, asked: SeriesAsked): Promise<Series> {
    const { base, limits, overview } = this.data;
    const clock = clockNamed(overview.zones, asked.zone);
    const finest = STEPS_MS.filter((stepMs) => stepMs % base.stepMs === 0);
    const stepMs = finest.find((step) => asked.untilMs - asked.fromMs <= step * asked.bins) ?? finest.at(-1) ?? base.stepMs;
    const edges = edgesOf(clock, asked.fromMs, asked.untilMs, stepMs);
    const series: Series = {
      stepMs, fromMs: edges.slice(0, -1), untilMs: edges.slice(1),
      dials: [], busyMean: [], busyMost: [], lines: [], dialled: [], answered: [], done: [],
    };
    // What is told is told of whole bins of the base: those that a span cuts at its ends count as within it.
    const floor = (atMs: number): number => Math.floor(atMs / base.stepMs) * base.stepMs;
    let beginMs = floor(asked.fromMs);
    let place = firstAtOrAfter(base.fromMs, beginMs);
    for (const [bin, untilMs] of series.untilMs.entries()) {
      const endMs = untilMs === asked.untilMs ? -floor(-untilMs) : floor(untilMs);
      let dials = 0, heldMs = 0, most = 0;
      for (; place < base.fromMs.length && base.fromMs[place]! < endMs; place++) {
        dials += base.dials[place]!;
        heldMs += base.heldMs[place]!;
        most = Math.max(most, base.busyMost[place]!);
      }
      series.dials.push(dials);
      series.busyMean.push(heldMs / Math.max(endMs - beginMs, base.stepMs));
      series.busyMost.push(most);
      series.lines.push(mostLines(limits, series.fromMs[bin]!, untilMs));
      series.dialled.push(base.dialled[place - 1] ?? 0);
      series.answered.push(base.answered[place - 1] ?? 0);
      series.done.push(base.done[place - 1] ?? 0);
      beginMs = endMs;
    }
    return series;
  }

  async rows(_: string, asked: RowsAsked): Promise<Rows> {
    const { from, count: many, ...filters } = asked;
    const key = JSON.stringify(filters);
    if (this.#listed?.asked !== key) {
      this.#listed = { asked: key, rows: this.data.rows.filter((row) => isWanted(row, asked)).sort(orderOf(asked)) };
    }
    const { rows } = this.#listed;
    return { total: rows.length, from, rows: rows.slice(from, from + many) };
  }

  async number(_: string, job: number): Promise<NumberTold> {
    const told = this.#numbers.get(job);
    if (told) return told;
    const most = count(this.#numbers.size);
    throw new Trouble(`This file explains its first ${most} numbers. The page of call-scheduler serve explains all of them.`);
  }

  async moment(preview: string, job: number, atMs: number): Promise<MomentTold> {
    return momentOf(await this.number(preview, job), atMs);
  }
}

/** The edges of bins that cover a span, on a clock: round on that clock between its changes. */
function edgesOf(clock: Clock, fromMs: number, untilMs: number, stepMs: number): number[] {
  const edges = [fromMs];
  const originMs = stepMs % WEEK_MS ? 0 : MONDAY_MS;
  const changes = clock.map(([changeMs]) => changeMs).filter((changeMs) => fromMs < changeMs && changeMs < untilMs);
  for (const endMs of [...changes, untilMs]) {
    const shiftMs = offsetAt(clock, edges.at(-1)!) - originMs;
    for (let local = Math.floor((edges.at(-1)! + shiftMs) / stepMs + 1) * stepMs; local - shiftMs < endMs; local += stepMs) {
      edges.push(local - shiftMs);
    }
    edges.push(endMs);
  }
  return edges;
}

/** The most lines that there are at any instant of [fromMs, untilMs); null without a limit. */
function mostLines(limits: FileData["limits"], fromMs: number, untilMs: number): number | null {
  let most = 0;
  let place = Math.max(firstAtOrAfter(limits, fromMs + 1, ([sinceMs]) => sinceMs) - 1, 0);
  for (; place < limits.length && (place === 0 || limits[place]![0] < untilMs); place++) {
    most = Math.max(most, limits[place]![1] ?? Infinity);
  }
  return Number.isFinite(most) ? most : null;
}

function firstAtOrAfter<T>(sorted: T[], wanted: number, value: (each: T) => number = Number): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value(sorted[middle]!) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isWanted(row: Row, asked: RowsAsked): boolean {
  if (asked.zone !== null && row.zone !== asked.zone) return false;
  if (asked.priority !== null && row.priority !== asked.priority) return false;
  if (!row.phone.includes(asked.phone)) return false;
  switch (asked.show) {
    case "all": return true;
    case "neverCallable": return row.dials === 0 && (row.reason === "neverOpen" || row.reason === "noWindowBeforeFinish");
    case "notDialled": return row.dials === 0;
    case "reached": return row.answered;
    case "notReached": return row.dials > 0 && !row.answered;
    case "unfinished": return row.reason === null;
  }
}

function orderOf({ order, descending }: RowsAsked): (a: Row, b: Row) => number {
  const sign = descending ? -1 : 1;
  const value = (row: Row): string | number | null =>
    order === "firstDial" ? row.firstDialMs : order === "lastDial" ? row.lastDialMs : row[order];
  return (a, b) => {
    const [of_a, of_b] = [value(a), value(b)];
    if (of_a === of_b) return a.job - b.job;
    // A number without a dial comes behind all that have one, in either direction.
    if (of_a === null || of_b === null) return of_a === null ? 1 : -1;
    return of_a < of_b ? -sign : sign;
  };
}

/**
 * Why a number is dialled at a moment, or why not, by the parts of its explanation. Of the number and its redials the last
 * that was accepted by then is the one that counts.
 */
function momentOf(told: NumberTold, atMs: number): MomentTold {
  const attempts = told.series.flatMap((series) => series.attempts);
  const dialled = attempts.some((attempt) => attempt.atMs === atMs);
  const place = Math.max(told.series.findLastIndex((series) => series.acceptedMs <= atMs), 0);
  return {
    atMs,
    state: null,
    dialled,
    reasons: dialled ? [] : reasonsOf(told.series[place]!, atMs),
    nextAllowedMs: dialled ? atMs : nextAllowedOf(told, place, atMs),
    nextDialMs: attempts.map((attempt) => attempt.atMs).find((dialMs) => dialMs !== null && dialMs >= atMs) ?? null,
    words: "",
  };
}

function hasEnded(series: SeriesTold, atMs: number): boolean {
  return series.endedMs !== null && atMs >= series.endedMs;
}

/** When it may be dialled next. Windows are told of the number, not of its redials; nor what a law makes of its calls. */
function nextAllowedOf(told: NumberTold, place: number, atMs: number): MomentTold["nextAllowedMs"] {
  const series = told.series[place]!;
  if (hasEnded(series, atMs)) return null;
  const coming = series.attempts.find((attempt) => attempt.atMs === null || attempt.atMs > atMs);
  if (!coming && series.endedMs !== null && place === told.series.length - 1) return null;
  if (!coming || series.redialNumber !== null || series.policy.some(({ field }) => field === "law")) return "unknown";
  const fromMs = Math.max(atMs, coming.dueMs);
  const window = told.windows.find(([, closesMs]) => closesMs > fromMs);
  return window ? Math.max(window[0], fromMs) : "unknown";
}

function reasonsOf(series: SeriesTold, atMs: number): MomentTold["reasons"] {
  if (atMs < series.acceptedMs) return [{ code: "notAccepted", words: "it has not been accepted yet", untilMs: series.acceptedMs }];
  if (hasEnded(series, atMs)) return [{ code: "ended", words: series.ending, untilMs: null }];
  for (const attempt of series.attempts) {
    if (attempt.atMs !== null && attempt.endMs !== null && attempt.atMs <= atMs && atMs < attempt.endMs) {
      return [{ code: "inCall", words: `the call of attempt ${attempt.attempt} is in progress`, untilMs: attempt.endMs }];
    }
    if (atMs < attempt.dueMs && (attempt.atMs === null || atMs < attempt.atMs)) {
      return [{ code: "notDue", words: `it is not due yet: ${attempt.due}`, untilMs: attempt.dueMs }];
    }
    const waits = attempt.waits.filter((wait) => wait.fromMs <= atMs && atMs < wait.untilMs);
    if (waits.length) return waits.map(({ code, words, untilMs }) => ({ code, words, untilMs }));
  }
  return [{ code: "ended", words: series.ending, untilMs: null }];
}
