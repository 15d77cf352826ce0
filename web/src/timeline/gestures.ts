import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Geometry } from "./geometry";
import { type Span, inMinutes, lengthOf, moved, scaled } from "./spans";

const DRAG_PX = 5;
const WHEEL = 0.004;

interface Gestures {
  geometry: Geometry;
  whole: Span;
  onSpan(span: Span): void;
  onCursor(atMs: number | null): void;
  /** A click or a tap; `nearMs` is how long the few pixels around it are. */
  onPress?: ((atMs: number, nearMs: number) => void) | undefined;
}

interface Pinch {
  span: Span;
  apart: number;
  aroundMs: number;
}

/** Drag to select a span, pinch or Ctrl with the wheel to zoom, Shift with the wheel to move. Returns what is selected so far. */
export function useGestures(element: RefObject<HTMLElement | null>, gestures: Gestures): Span | null {
  const latest = useRef(gestures);
  latest.current = gestures;
  const [selected, setSelected] = useState<Span | null>(null);
  useEffect(() => {
    const found = element.current;
    if (!found) return;
    const remove = listen(found, () => latest.current, setSelected);
    return remove;
  }, [element]);
  return selected;
}

function listen(element: HTMLElement, now: () => Gestures, select: (span: Span | null) => void): () => void {
  const down = new Map<number, number>();
  let begun: number | null = null;
  let dragged: Span | null = null;
  let pinch: Pinch | null = null;
  const x = (event: MouseEvent): number => event.clientX - element.getBoundingClientRect().left;
  const drag = (span: Span | null): void => {
    dragged = span;
    select(span);
  };
  const release = (event: PointerEvent): void => {
    down.delete(event.pointerId);
    if (down.size === 0) {
      begun = pinch = null;
      drag(null);
    }
  };
  const events: { [name: string]: (event: never) => void } = {
    pointerdown(event: PointerEvent) {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      down.set(event.pointerId, x(event));
      now().onCursor(now().geometry.at(x(event)));
      if (down.size === 1) begun = x(event);
      if (down.size === 2) {
        drag(null);
        pinch = pinchOf(down, now().geometry);
      }
    },
    pointermove(event: PointerEvent) {
      const { geometry, onCursor } = now();
      if (down.has(event.pointerId)) down.set(event.pointerId, x(event));
      if (pinch && down.size === 2) return pinched(pinch, down, now());
      onCursor(geometry.at(x(event)));
      if (begun !== null && !pinch && (dragged || Math.abs(x(event) - begun) > DRAG_PX)) {
        const ends = [geometry.at(begun), geometry.at(x(event))].sort((one, other) => one - other);
        drag([ends[0]!, ends[1]!]);
      }
    },
    pointerup(event: PointerEvent) {
      const { geometry, whole, onSpan, onPress } = now();
      if (dragged) onSpan(inMinutes(dragged, whole));
      else if (begun !== null && !pinch) onPress?.(geometry.at(x(event)), 10 * (geometry.at(11 + geometry.left) - geometry.at(10 + geometry.left)));
      release(event);
    },
    pointercancel: release,
    pointerleave(event: PointerEvent) {
      if (event.pointerType === "mouse" && down.size === 0) now().onCursor(null);
    },
    wheel(event: WheelEvent) {
      if (!event.ctrlKey && !event.shiftKey) return;
      event.preventDefault();
      const { geometry, whole, onSpan } = now();
      const turned = event.deltaY || event.deltaX;
      if (event.ctrlKey) onSpan(scaled(geometry.span, Math.exp(turned * WHEEL), geometry.at(x(event)), whole));
      else onSpan(moved(geometry.span, (lengthOf(geometry.span) * turned) / 1000, whole));
    },
  };
  for (const [name, hear] of Object.entries(events)) element.addEventListener(name, hear as EventListener, { passive: false });
  return () => {
    for (const [name, hear] of Object.entries(events)) element.removeEventListener(name, hear as EventListener);
  };
}

function pinchOf(down: Map<number, number>, geometry: Geometry): Pinch {
  const [one, other] = [...down.values()] as [number, number];
  return { span: geometry.span, apart: Math.max(Math.abs(one - other), 20), aroundMs: geometry.at((one + other) / 2) };
}

function pinched(pinch: Pinch, down: Map<number, number>, { whole, onSpan }: Gestures): void {
  const [one, other] = [...down.values()] as [number, number];
  onSpan(scaled(pinch.span, pinch.apart / Math.max(Math.abs(one - other), 20), pinch.aroundMs, whole));
}
