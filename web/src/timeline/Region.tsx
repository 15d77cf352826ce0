import type { ComponentChildren } from "preact";
import { useId, useMemo } from "preact/hooks";
import type { Cursor } from "./cursor";
import { type Geometry, geometry } from "./geometry";
import { useGestures } from "./gestures";
import { type Span, inMinutes, lengthOf, moved, scaled } from "./spans";
import { useWidth } from "./useWidth";

interface Props {
  label: string;
  /** What can be done with it, in words. */
  help: string;
  span: Span;
  whole: Span;
  onSpan(span: Span): void;
  cursor: Cursor;
  onPress?: (atMs: number, nearMs: number) => void;
  /** Keys of its own; whether it knew this one. */
  onKey(event: KeyboardEvent): boolean;
  busy?: boolean;
  children(at: Geometry, selected: Span | null): ComponentChildren;
}

/** A part of the page whose charts share one time axis: it zooms and moves by pointer, wheel, touch and keyboard. */
export function Region(props: Props) {
  const { label, help, span, whole, onSpan, cursor, onKey } = props;
  const [element, width] = useWidth<HTMLDivElement>();
  const helpId = useId();
  const at = useMemo(() => geometry(width || 600, span), [width, span[0], span[1]]);
  const selected = useGestures(element, { geometry: at, whole, onSpan, onCursor: cursor.point, onPress: props.onPress });
  const keyed = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && cursor.atMs !== null) return cursor.point(null);
    const next = onKey(event) ? null : spanByKey(event, span, whole, cursor.atMs);
    if (next === undefined) return;
    event.preventDefault();
    if (next) onSpan(inMinutes(next, whole));
  };
  return (
    <>
      <div
        ref={element}
        class="charts-region"
        role="application"
        aria-roledescription="chart"
        aria-label={label}
        aria-describedby={helpId}
        aria-busy={props.busy ?? false}
        tabIndex={0}
        onKeyDown={keyed}
      >
        {width > 0 && props.children(at, selected)}
      </div>
      <p class="charts-help" id={helpId}>{help}</p>
    </>
  );
}

/** The span after a key; undefined if the key means nothing here. */
function spanByKey(event: KeyboardEvent, span: Span, whole: Span, cursorMs: number | null): Span | undefined {
  const aroundMs = cursorMs !== null && cursorMs >= span[0] && cursorMs <= span[1] ? cursorMs : (span[0] + span[1]) / 2;
  switch (event.key) {
    case "+":
    case "=":
      return event.ctrlKey ? undefined : scaled(span, 0.5, aroundMs, whole);
    case "-":
    case "_":
      return event.ctrlKey ? undefined : scaled(span, 2, aroundMs, whole);
    case "Home":
    case "0":
      return event.ctrlKey ? undefined : whole;
    case "PageUp":
      return moved(span, -lengthOf(span) / 2, whole);
    case "PageDown":
      return moved(span, lengthOf(span) / 2, whole);
    default:
      return undefined;
  }
}
