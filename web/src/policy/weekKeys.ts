/** What a key does to a window that has the focus. */

import { type Changed, moveEdge, moveWindow, removeWindow, SNAP, type Week, type WindowOnGrid } from "./week";

const HOUR = 60;
const STEPS: Record<string, number> = {
  ArrowUp: -SNAP,
  ArrowLeft: -SNAP,
  ArrowDown: SNAP,
  ArrowRight: SNAP,
  PageUp: -HOUR,
  PageDown: HOUR,
};

/** Null for a key that does nothing here. Steps lead to the next whole step: 09:03 goes to 09:05. */
export function actionOf(
  event: KeyboardEvent,
  week: Week,
  window: WindowOnGrid,
): { changed: Changed; what: string } | null {
  if (event.key === "Delete" || event.key === "Backspace")
    return { changed: removeWindow(week, window), what: "removed" };
  const step = STEPS[event.key];
  if (!step) return null;
  const by = event.ctrlKey || event.metaKey ? Math.sign(step) : step;
  const next = (minute: number): number => minute + by - offGrid(minute, by);
  if (event.altKey) return { changed: moveWindow(week, window, window.day, next(window.fromMinute)), what: "moved" };
  const edge = event.shiftKey ? "from" : "to";
  return { changed: moveEdge(week, window, edge, next(window[`${edge}Minute`])), what: "moved" };
}

/** How far a time is behind the last whole step, so that a step ends on one; nothing where steps are minutes. */
function offGrid(minute: number, by: number): number {
  const size = Math.min(Math.abs(by), SNAP);
  const over = minute % size;
  return by > 0 || over === 0 ? over : over - size;
}
