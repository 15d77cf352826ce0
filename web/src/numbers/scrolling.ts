import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** Higher elements are cut off by some browsers. */
const HIGHEST_PX = 15_000_000;
const AT_REST_MS = 200;

interface Scrolling {
  element: RefObject<HTMLDivElement | null>;
  /** How high what scrolls is, to the browser. */
  spaceHeight: number;
  bodyHeight: number;
  /** Where the top of what is seen lies, in the pixels of all rows. */
  top: number;
  onScroll(): void;
  /** Bring a row into view. */
  reveal(row: number): void;
  /** Back to the first row. */
  rewind(): void;
}

/**
 * Scrolling over rows of one height, however many. Where all rows are higher than an element can be, a short way of
 * the browser's scrolling is the same way over the rows, and a long one is taken in proportion.
 */
export function useScrolling(rows: number, rowHeight: number, headHeight: number): Scrolling {
  const element = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  const [top, setTop] = useState(0);
  const place = useRef({ top: 0, scrollTop: 0, rest: undefined as ReturnType<typeof setTimeout> | undefined });
  const bodyHeight = Math.max(height - headHeight, 0);
  const range = Math.max(rows * rowHeight - bodyHeight, 0);
  const spaceHeight = Math.min(rows * rowHeight, HIGHEST_PX);
  const scrollRange = Math.max(spaceHeight - bodyHeight, 0);

  useLayoutEffect(() => {
    const found = element.current;
    if (!found) return;
    const measure = (): void => setHeight(found.clientHeight);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(found);
    return () => watch.disconnect();
  }, []);
  useEffect(() => () => clearTimeout(place.current.rest), []);

  const go = (next: number): void => {
    place.current.top = Math.min(Math.max(next, 0), range);
    setTop(place.current.top);
  };
  /** Let the browser's scrollbar say where the rows are. */
  const settle = (): void => {
    const found = element.current;
    if (!found) return;
    found.scrollTop = range === 0 ? 0 : (place.current.top / range) * scrollRange;
    place.current.scrollTop = found.scrollTop;
  };
  const onScroll = (): void => {
    const scrollTop = element.current?.scrollTop ?? 0;
    const by = scrollTop - place.current.scrollTop;
    if (Math.abs(by) < 0.5) return;
    place.current.scrollTop = scrollTop;
    if (range === scrollRange) return go(scrollTop);
    const atEnd = scrollTop <= 0 || scrollTop >= scrollRange - 1;
    const near = Math.abs(by) <= bodyHeight && !atEnd;
    go(near ? place.current.top + by : (scrollTop / scrollRange) * range);
    clearTimeout(place.current.rest);
    place.current.rest = setTimeout(settle, AT_REST_MS);
  };
  const reveal = (row: number): void => {
    const begins = row * rowHeight;
    const before = place.current.top;
    go(Math.min(Math.max(before, begins + rowHeight - bodyHeight), begins));
    if (place.current.top !== before) settle();
  };
  const rewind = (): void => {
    go(0);
    settle();
  };
  return { element, spaceHeight, bodyHeight, top: Math.min(top, range), onScroll, reveal, rewind };
}
