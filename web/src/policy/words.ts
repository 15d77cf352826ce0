/** Days, windows and fields in words. */

import { DAY_MS } from "../format";
import { clock, DAY_MINUTES, DAYS, type WindowOnGrid } from "./week";

const MONDAY = Date.UTC(2024, 0, 1);

function dayNames(weekday: "long" | "short"): string[] {
  const format = new Intl.DateTimeFormat(undefined, { weekday, timeZone: "UTC" });
  return DAYS.map((_, day) => format.format(MONDAY + day * DAY_MS));
}

export const DAY_NAMES = dayNames("long");
export const SHORT_DAY_NAMES = dayNames("short");

/** `09:00 to 18:00`, or `22:00 to Tuesday 06:00`. */
export function spanWords({ day, fromMinute, toMinute }: WindowOnGrid): string {
  const nextDay = toMinute > DAY_MINUTES ? `${DAY_NAMES[(day + 1) % 7]} ` : "";
  return `${clock(fromMinute)} to ${nextDay}${clock(toMinute)}`;
}

export function windowWords(window: WindowOnGrid): string {
  return `${DAY_NAMES[window.day]} ${spanWords(window)}`;
}

/** Days in words: `every day`, `Mon to Fri`, `Mon, Wed`. */
export function dayWords(days: readonly number[]): string {
  if (days.length === 7) return "every day";
  const [first, last] = [days[0] ?? 0, days.at(-1) ?? 0];
  if (days.length > 2 && last - first === days.length - 1)
    return `${SHORT_DAY_NAMES[first]} to ${SHORT_DAY_NAMES[last]}`;
  return days.map((day) => SHORT_DAY_NAMES[day]).join(", ");
}
