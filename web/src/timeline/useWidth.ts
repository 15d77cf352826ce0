import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** An element, and how wide it is at present; 0 before it is known. */
export function useWidth<Found extends HTMLElement>(): [RefObject<Found | null>, number] {
  const element = useRef<Found>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const found = element.current;
    if (!found) return;
    setWidth(Math.floor(found.clientWidth));
    const watch = new ResizeObserver(() => setWidth(Math.floor(found.clientWidth)));
    watch.observe(found);
    return () => watch.disconnect();
  }, []);
  return [element, width];
}
