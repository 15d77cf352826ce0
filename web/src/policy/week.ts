/**
 * The weekly hours of one level of a policy, as windows on a grid of seven days.
 *
 * A window belongs to the day on which it starts, and ends after 24:00 where it runs into the next day. The windows of
 * a day are sorted, and neither overlap nor touch: what means the same is the same. A day without a window is one of
 * which this level says nothing, as the list of a day cannot be empty.
 */

import type { Weekday } from "../contract";

export const DAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
export const DAY_MINUTES = 1440;
/** The longest that two windows of one list can reach. */
const LAST_MINUTE = 2 * DAY_MINUTES - 2;
const BREAK = 60;
export const SNAP = 5;

/** `day` is 0 for Monday; `toMinute` may exceed 1440. */
export interface WindowOnGrid {
  day: number;
  fromMinute: number;
  toMinute: number;
}

/** `allowedDays` null: this level does not set them. */
export interface Week {
  allowedDays: readonly number[] | null;
  windows: readonly WindowOnGrid[];
}

/** A week after a change, and the window that the change was about. */
export interface Changed {
  week: Week;
  at: WindowOnGrid | null;
}

export const WHOLE_DAY = { fromMinute: 0, toMinute: DAY_MINUTES };
export const OFFICE = { fromMinute: 9 * 60, toMinute: 18 * 60 };
const DAYTIME = { fromMinute: 8 * 60, toMinute: 22 * 60 };

/** `09:00`; past 24:00 as the clock of the next day shows it. */
export function clock(minute: number): string {
  const shown = minute > DAY_MINUTES ? minute - DAY_MINUTES : minute;
  return `${String(Math.floor(shown / 60)).padStart(2, "0")}:${String(shown % 60).padStart(2, "0")}`;
}

/** The minute of the day of a text such as `9:30`; null for anything else. */
export function minuteOf(text: unknown): number | null {
  const [, hour, minute] = (typeof text === "string" && /^([01]?[0-9]|2[0-3]):([0-5][0-9])$/.exec(text)) || [];
  return hour === undefined ? null : Number(hour) * 60 + Number(minute);
}

export function windowsOf(week: Week, day: number): WindowOnGrid[] {
  return week.windows.filter((window) => window.day === day);
}

export function isSame(one: WindowOnGrid | null, other: WindowOnGrid | null): boolean {
  return one?.day === other?.day && one?.fromMinute === other?.fromMinute && one?.toMinute === other?.toMinute;
}

/** Sorted, and those of one day that overlap or touch joined. */
export function united(windows: readonly WindowOnGrid[]): WindowOnGrid[] {
  const joined: WindowOnGrid[] = [];
  for (const window of windows.toSorted((one, other) => one.day - other.day || one.fromMinute - other.fromMinute)) {
    const last = joined.at(-1);
    if (last?.day === window.day && window.fromMinute <= last.toMinute) {
      joined[joined.length - 1] = { ...last, toMinute: Math.max(last.toMinute, window.toMinute) };
    } else {
      joined.push(window);
    }
  }
  return joined;
}

// -- what a level says, and what holds ---------------------------------------------------------------------------

export type DecidedBy = "own" | "campaign" | "nobody" | "default";

/** The hours that start on a day: who says so, and whether the day is allowed at all. */
export interface DayThatHolds {
  windows: readonly WindowOnGrid[];
  by: DecidedBy;
  allowed: boolean;
}

/** The level below: none below a campaign, and below a number a campaign that may not be known. */
export type Weaker = Week | null | "unknown";

/** What a level and the weaker one below it amount to, day by day; `closed` is that reading of days not listed. */
export function hoursThatHold(own: Week, below: Weaker, unlisted: "inherit" | "closed" = "inherit"): DayThatHolds[] {
  const weaker = below === "unknown" ? null : below;
  const days = own.allowedDays ?? weaker?.allowedDays ?? null;
  const someoneSpeaks = own.windows.length > 0 || (weaker?.windows.length ?? 0) > 0;
  return DAYS.map((_, day) => {
    const allowed = days === null || days.includes(day);
    const mine = windowsOf(own, day);
    if (mine.length) return { windows: mine, by: "own", allowed };
    const silent = own.windows.length > 0 && unlisted === "closed";
    if (below === "unknown" && !silent) return { windows: [], by: "campaign", allowed };
    const theirs = weaker && !silent ? windowsOf(weaker, day) : [];
    if (theirs.length) return { windows: theirs, by: "campaign", allowed };
    return someoneSpeaks
      ? { windows: [], by: "nobody", allowed }
      : { windows: [{ day, ...WHOLE_DAY }], by: "default", allowed };
  });
}

// -- changes -----------------------------------------------------------------------------------------------------

/** The week with its windows in order, and the window in which `window` has gone up. */
function changed(week: Week, windows: readonly WindowOnGrid[], window: WindowOnGrid | null): Changed {
  const joined = united(windows);
  const at =
    window &&
    joined.find(
      ({ day, fromMinute, toMinute }) =>
        day === window.day && fromMinute <= window.fromMinute && window.toMinute <= toMinute,
    );
  return { week: { ...week, windows: joined }, at: at ?? null };
}

function without(week: Week, window: WindowOnGrid): WindowOnGrid[] {
  return week.windows.filter((each) => !isSame(each, window));
}

function kept(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

export function addWindow(week: Week, window: WindowOnGrid): Changed {
  return changed(week, [...week.windows, window], window);
}

export function removeWindow(week: Week, window: WindowOnGrid): Changed {
  return changed(week, without(week, window), null);
}

/** Move one edge, as far as a window can go: it lasts a minute at least, and a day at most. */
export function moveEdge(week: Week, window: WindowOnGrid, edge: "from" | "to", minute: number): Changed {
  const { fromMinute, toMinute } = window;
  const moved =
    edge === "from"
      ? {
          ...window,
          fromMinute: kept(minute, Math.max(0, toMinute - DAY_MINUTES), Math.min(toMinute, DAY_MINUTES) - 1),
        }
      : { ...window, toMinute: kept(minute, fromMinute + 1, Math.min(fromMinute + DAY_MINUTES, LAST_MINUTE)) };
  return changed(week, [...without(week, window), moved], moved);
}

/** Move a whole window, to another day or to another time of day; its length stays. */
export function moveWindow(week: Week, window: WindowOnGrid, day: number, fromMinute: number): Changed {
  const length = window.toMinute - window.fromMinute;
  const start = kept(fromMinute, 0, Math.min(DAY_MINUTES - 1, LAST_MINUTE - length));
  const moved = { day, fromMinute: start, toMinute: start + length };
  return changed(week, [...without(week, window), moved], moved);
}

/** Put a break into a window: an hour about `minute` (its middle, if not given), shorter where the window is short. */
export function splitWindow(week: Week, window: WindowOnGrid, minute?: number): Changed {
  const length = window.toMinute - window.fromMinute;
  if (!canSplit(window)) return { week, at: window };
  // Both parts begin on the window's own day, and the first is no shorter than a step.
  const room = DAY_MINUTES - 1 - window.fromMinute - SNAP;
  const pause = Math.min(room, Math.max(SNAP, Math.min(BREAK, Math.floor(length / 3 / SNAP) * SNAP)));
  const middle = minute ?? window.fromMinute + length / 2;
  const wanted = Math.round((middle - pause / 2) / SNAP) * SNAP;
  const opens = kept(
    wanted,
    window.fromMinute + SNAP,
    Math.min(window.toMinute - pause - SNAP, DAY_MINUTES - 1 - pause),
  );
  const first = { ...window, toMinute: opens };
  const second = { ...window, fromMinute: opens + pause };
  return changed(week, [...without(week, window), first, second], first);
}

/** Whether there is room for a break; the second part has to start on the window's own day. */
export function canSplit({ fromMinute, toMinute }: WindowOnGrid): boolean {
  return toMinute - fromMinute >= 3 * SNAP && fromMinute + 2 * SNAP < DAY_MINUTES;
}

/** The window of the same day that follows, if there is one. */
export function nextOf(week: Week, window: WindowOnGrid): WindowOnGrid | null {
  return windowsOf(week, window.day).find(({ fromMinute }) => fromMinute > window.fromMinute) ?? null;
}

/** Close the break between a window and the one that follows it on its day. */
export function joinWithNext(week: Week, window: WindowOnGrid): Changed {
  const next = nextOf(week, window);
  if (!next) return { week, at: window };
  return changed(week, [...week.windows, { ...window, toMinute: next.toMinute }], window);
}

/** A window that a day has room for: office hours, or an hour in its longest gap, by day if it can be; null if full. */
export function roomOn(week: Week, day: number): WindowOnGrid | null {
  const taken = windowsOf(week, day);
  if (taken.every(({ fromMinute, toMinute }) => toMinute < OFFICE.fromMinute || fromMinute > OFFICE.toMinute)) {
    return { day, ...OFFICE };
  }
  const gap = [DAYTIME, WHOLE_DAY].map((span) => widestGap(taken, span)).find(({ length }) => length >= 3 * SNAP);
  if (!gap) return null;
  const lasting = Math.min(BREAK, Math.floor(gap.length / 3 / SNAP) * SNAP);
  const fromMinute = Math.ceil((gap.from + (gap.length - lasting) / 2) / SNAP) * SNAP;
  return { day, fromMinute, toMinute: fromMinute + lasting };
}

function widestGap(taken: readonly WindowOnGrid[], span: typeof WHOLE_DAY): { from: number; length: number } {
  const opens = [span.fromMinute, ...taken.map(({ toMinute }) => Math.max(toMinute, span.fromMinute))];
  const gaps = opens.map((from, place) => ({
    from,
    length: Math.min(taken[place]?.fromMinute ?? DAY_MINUTES, span.toMinute) - from,
  }));
  return gaps.reduce((one, other) => (other.length > one.length ? other : one));
}

/** Give other days the windows of one, in place of theirs. */
export function copyDay(week: Week, from: number, to: readonly number[]): Week {
  const others = to.filter((day) => day !== from);
  const copies = others.flatMap((day) => windowsOf(week, from).map((window) => ({ ...window, day })));
  return { ...week, windows: united([...week.windows.filter(({ day }) => !others.includes(day)), ...copies]) };
}

/** Allow a day, or no longer; `ruling` are the days that are allowed now. The last one stays: no days is no policy. */
export function toggleDay(week: Week, day: number, ruling: readonly number[]): Week {
  const days = ruling.includes(day) ? ruling.filter((each) => each !== day) : [...ruling, day];
  return days.length ? { ...week, allowedDays: days.toSorted((one, other) => one - other) } : week;
}

/**
 * What to add to a changed week so that only the days of the change mean something else: the first window that a level
 * sets would close every other day that was open all day because nobody set any.
 */
export function keepOtherDays(before: Week, after: Week, weaker: Weaker): Week {
  if (before.windows.length || !after.windows.length) return after;
  const held = hoursThatHold(before, weaker);
  const wereOpen = held.flatMap(({ by, windows }, day) =>
    by === "default" && !windowsOf(after, day).length ? windows : [],
  );
  return { ...after, windows: united([...after.windows, ...wereOpen]) };
}
