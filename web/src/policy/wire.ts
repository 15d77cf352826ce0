/** Weekly hours in the form that policies have them, read and written (allowedDays, allowedTime and the older form). */

import type { Weekday } from "../contract";
import { isObject } from "../input/json";
import { clock, DAY_MINUTES, DAYS, minuteOf, united, type Week, type WindowOnGrid, windowsOf } from "./week";

interface LocalTimes {
  localTimeFrom: string;
  localTimeTo: string;
}

type AllowedTime = Partial<Record<Weekday | "default", LocalTimes[]>>;

interface HoursFields {
  allowedDays?: Weekday[];
  allowedTime?: AllowedTime;
}

/** A week that was read, or why the fields are none. */
type Read = { week: Week; problem: null } | { week: null; problem: string };

type Minutes = Omit<WindowOnGrid, "day">;

class NoWeek extends Error {}

/** Read the hours of one level; what the engine refuses is refused here too. */
export function readWeek(fields: Readonly<Record<string, unknown>>): Read {
  try {
    return { week: { allowedDays: daysOf(fields.allowedDays), windows: united(windowsIn(fields)) }, problem: null };
  } catch (error) {
    if (error instanceof NoWeek) return { week: null, problem: error.message };
    throw error;
  }
}

function daysOf(value: unknown): number[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || !value.length) throw new NoWeek("allowedDays is not a list of weekdays");
  const days = new Set(value.map((day) => DAYS.indexOf(day)));
  if (days.has(-1)) throw new NoWeek(`allowedDays has what is none of ${DAYS.join(", ")}`);
  return [...days].toSorted((one, other) => one - other);
}

function windowsIn({ allowedTime, localTimeFrom, localTimeTo }: Readonly<Record<string, unknown>>): WindowOnGrid[] {
  const older = spanOfOlder(localTimeFrom ?? null, localTimeTo ?? null);
  if (allowedTime === undefined || allowedTime === null) return older ? everyDay(() => [older]) : [];
  if (!isObject(allowedTime) || !Object.keys(allowedTime).length) {
    throw new NoWeek("allowedTime is not an object of weekdays and default");
  }
  const lists = new Map(Object.entries(allowedTime).map(([name, list]) => [name, spansOf(name, list)]));
  return everyDay((day) => lists.get(day) ?? lists.get("default") ?? []);
}

function everyDay(spans: (day: Weekday) => Minutes[]): WindowOnGrid[] {
  return DAYS.flatMap((name, day) => spans(name).map((span) => ({ day, ...span })));
}

function spanOfOlder(from: unknown, to: unknown): Minutes | null {
  if (from === null && to === null) return null;
  return spanOf(from === null ? 0 : timeOf(from), to === null ? DAY_MINUTES : timeOf(to));
}

function spansOf(name: string, list: unknown): Minutes[] {
  if (name !== "default" && !DAYS.some((day) => day === name))
    throw new NoWeek(`allowedTime has no ${name}; days are ${DAYS.join(", ")}`);
  if (!Array.isArray(list) || !list.length) throw new NoWeek(`the windows of ${name} are not a list of windows`);
  const spans = list.map((item) => {
    const names = isObject(item) ? Object.keys(item) : [];
    if (names.some((key) => key !== "localTimeFrom" && key !== "localTimeTo")) {
      throw new NoWeek(`a window of ${name} has more than localTimeFrom and localTimeTo`);
    }
    return spanOf(timeOf(item?.localTimeFrom), timeOf(item?.localTimeTo));
  });
  spans.sort((one, other) => one.fromMinute - other.fromMinute);
  if (spans.some(({ fromMinute }, place) => fromMinute < (spans[place - 1]?.toMinute ?? 0))) {
    throw new NoWeek(`the windows of ${name} overlap`);
  }
  return spans;
}

function timeOf(value: unknown): number {
  const minute = minuteOf(value);
  if (minute === null) throw new NoWeek(`${JSON.stringify(value ?? null)} is not a time of day from 00:00 to 23:59`);
  return minute;
}

function spanOf(fromMinute: number, to: number): Minutes {
  if (fromMinute === to) throw new NoWeek(`a window from ${clock(to)} to ${clock(to)} is empty`);
  return { fromMinute, toMinute: fromMinute < to ? to : to + DAY_MINUTES };
}

/** Write the hours of one level: the list of most days as `default`, if every day has one; what is not set is left out. */
export function writeWeek(week: Week): HoursFields {
  return {
    ...(week.allowedDays ? { allowedDays: week.allowedDays.map((day) => DAYS[day]!) } : {}),
    ...(week.windows.length ? { allowedTime: timesOf(week) } : {}),
  };
}

function timesOf(week: Week): AllowedTime {
  const lists = DAYS.map((_, day) => windowsOf(week, day).flatMap(written));
  const keys = lists.map((list) => JSON.stringify(list));
  const often = (key: string): number => keys.filter((each) => each === key).length;
  const usual = lists.every((list) => list.length)
    ? keys.reduce((one, key) => (often(key) > often(one) ? key : one))
    : null;
  const days = DAYS.flatMap((name, day) =>
    lists[day]!.length && keys[day] !== usual ? [[name, lists[day]!] as const] : [],
  );
  return { ...Object.fromEntries(days), ...(usual ? { default: lists[keys.indexOf(usual)]! } : {}) };
}

/** A window as the wire has it; one of a day or more in two parts, since its bounds would be equal or cross. */
function written({ fromMinute, toMinute }: WindowOnGrid): LocalTimes[] {
  if (toMinute - fromMinute >= DAY_MINUTES) {
    const least = toMinute - DAY_MINUTES + 1;
    const middle = Math.min(Math.max(DAY_MINUTES / 2, least, fromMinute + 1), DAY_MINUTES - 1);
    return [...written({ day: 0, fromMinute, toMinute: middle }), ...written({ day: 0, fromMinute: middle, toMinute })];
  }
  return [{ localTimeFrom: clock(fromMinute), localTimeTo: clock(toMinute % DAY_MINUTES) }];
}
