/** Windows dragged with a pointer: by an edge, as a whole, or drawn where there is none. */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import {
  addWindow,
  type Changed,
  DAY_MINUTES,
  isSame,
  moveEdge,
  moveWindow,
  SNAP,
  type Week,
  type WindowOnGrid,
} from "./week";

const EDGE_PX = 9;
const SMALLEST_EDGE = 0.3;

/** What was taken hold of, and at which minute of the track; a tail is the part that lies on the next day. */
interface Hold {
  kind: "from" | "to" | "whole" | "new";
  week: Week;
  window: WindowOnGrid;
  isTail: boolean;
  minute: number;
}

interface Point {
  day: number;
  /** Of the track's day; before and behind it where the pointer is. */
  minute: number;
}

interface Dragging {
  /** The week as it would be if the pointer were let go now. */
  draft: Changed | null;
  take: (event: PointerEvent, day: number, window: WindowOnGrid | null, isTail: boolean) => void;
}

/** `grid` holds a `[data-track]` for each day, in order. */
export function useDragging(
  grid: RefObject<HTMLElement | null>,
  week: Week,
  change: (changed: Changed, isNew: boolean) => void,
  select: (window: WindowOnGrid | null) => void,
): Dragging {
  const [draft, setDraft] = useState<Changed | null>(null);
  const stop = useRef<() => void>(() => {});
  useEffect(() => () => stop.current(), []);

  const take: Dragging["take"] = (event, day, window, isTail) => {
    if (event.button !== 0 || !grid.current) return;
    stop.current();
    const tracks = tracksIn(grid.current);
    const here = pointAt(tracks, event, day);
    const hold = holdOf(event, week, window, here, isTail);
    select(window);
    let latest: Changed | null = null;
    const move = (moved: PointerEvent): void => {
      if (moved.pointerId !== event.pointerId) return;
      latest = dragged(hold, tracks, moved, day);
      setDraft(latest);
    };
    const end = (): void => {
      stop.current();
      if (latest && !sameWeek(latest.week, week)) change(latest, hold.kind === "new");
    };
    stop.current = listen(
      event.pointerId,
      move,
      end,
      () => stop.current(),
      () => setDraft(null),
    );
  };
  return { draft, take };
}

/** Listen for one pointer, until the function that is returned is called. */
function listen(
  pointer: number,
  move: (event: PointerEvent) => void,
  end: () => void,
  cancel: () => void,
  ended: () => void,
): () => void {
  const mine = (then: () => void) => (event: PointerEvent) => void (event.pointerId === pointer && then());
  const up = mine(end);
  const cancelled = mine(cancel);
  const key = (event: KeyboardEvent): void => void (event.key === "Escape" && cancel());
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", up);
  window.addEventListener("pointercancel", cancelled);
  window.addEventListener("keydown", key);
  return () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", up);
    window.removeEventListener("pointercancel", cancelled);
    window.removeEventListener("keydown", key);
    ended();
  };
}

function holdOf(event: PointerEvent, week: Week, window: WindowOnGrid | null, here: Point, isTail: boolean): Hold {
  if (!window) {
    const minute = snapped(here.minute);
    return { kind: "new", week, window: { day: here.day, fromMinute: minute, toMinute: minute }, isTail, minute };
  }
  const kind = edgeUnder(event, isTail, window.toMinute > DAY_MINUTES);
  return { kind, week, window, isTail, minute: here.minute };
}

/** Which edge of a block the pointer is at, if it is at one; the cut at midnight is none. */
function edgeUnder(event: PointerEvent, isTail: boolean, runsOn: boolean): "from" | "to" | "whole" {
  const block = (event.target as Element).closest("[data-block]")!.getBoundingClientRect();
  const upright = isUpright((event.target as Element).closest("[data-track]")!.getBoundingClientRect());
  const length = upright ? block.height : block.width;
  const at = upright ? event.clientY - block.top : event.clientX - block.left;
  const reach = Math.min(event.pointerType === "mouse" ? EDGE_PX : 2 * EDGE_PX, length * SMALLEST_EDGE);
  if (at < reach && !isTail) return "from";
  return at > length - reach && (isTail || !runsOn) ? "to" : "whole";
}

function dragged(hold: Hold, tracks: readonly DOMRect[], event: PointerEvent, startDay: number): Changed | null {
  const { kind, week, window } = hold;
  const { day, minute } = pointAt(tracks, event, startDay, kind !== "whole");
  if (kind === "new") return drawn(hold, minute);
  const by = minute - hold.minute;
  if (kind !== "whole") return moveEdge(week, window, kind, snapped(window[`${kind}Minute`] + by));
  return moveWindow(week, window, hold.isTail ? (day + 6) % 7 : day, snapped(window.fromMinute + by));
}

function drawn({ week, window: { day, fromMinute } }: Hold, minute: number): Changed | null {
  const other = Math.min(Math.max(snapped(minute), 0), 2 * DAY_MINUTES - SNAP);
  if (Math.abs(other - fromMinute) < 2 * SNAP) return null;
  return addWindow(week, { day, fromMinute: Math.min(fromMinute, other), toMinute: Math.max(fromMinute, other) });
}

/** Where the pointer is: on the nearest day, or, with `stay`, on the day where it began. */
function pointAt(tracks: readonly DOMRect[], event: PointerEvent, startDay: number, stay = false): Point {
  const upright = isUpright(tracks[0]!);
  const across = upright ? event.clientX : event.clientY;
  const distance = (track: DOMRect): number => {
    const [from, to] = upright ? [track.left, track.right] : [track.top, track.bottom];
    return Math.max(from - across, across - to, 0);
  };
  const day = stay
    ? startDay
    : tracks.reduce((best, track, place) => (distance(track) < distance(tracks[best]!) ? place : best), 0);
  const track = tracks[day]!;
  const along = upright ? (event.clientY - track.top) / track.height : (event.clientX - track.left) / track.width;
  return { day, minute: along * DAY_MINUTES };
}

function tracksIn(grid: HTMLElement): DOMRect[] {
  return [...grid.querySelectorAll("[data-track]")].map((track) => track.getBoundingClientRect());
}

function isUpright(track: DOMRect): boolean {
  return track.height > track.width;
}

function snapped(minute: number): number {
  return Math.round(minute / SNAP) * SNAP;
}

function sameWeek(one: Week, other: Week): boolean {
  return (
    one.windows.length === other.windows.length &&
    one.windows.every((window, place) => isSame(window, other.windows[place]!))
  );
}
