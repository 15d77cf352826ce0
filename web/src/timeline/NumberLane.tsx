import { useMemo, useState } from "preact/hooks";
import type { NumberTold, ZoneTold } from "../contract";
import { HOUR_MS, MINUTE_MS, UTC } from "../format";
import { LaneDrawing, LaneLegend } from "./LaneDrawing";
import { Region } from "./Region";
import { ClockChooser, SpanControls } from "./SpanControls";
import { useCursor } from "./cursor";
import { dialNear, eventsOf, laneSummary, laneWords } from "./lane";
import { type Span, inside, lengthOf, roomy, showing } from "./spans";
import "./timeline.css";

interface Props {
  told: NumberTold;
  span: Span;
  /** What the span does not leave. */
  whole: Span;
  onSpan(span: Span): void;
  /** The instant that is asked about. */
  moment: number | null;
  onMoment(atMs: number): void;
}

/** The customer's own clock and UTC are what there is to choose. */
const NONE: ZoneTold[] = [];
const HELP =
  "Click a dial or any moment to ask why; drag to look at a span; Ctrl and the wheel, or two fingers, zoom. With the keyboard: ← → a minute, " +
  "with Shift 5 minutes, with Ctrl an hour, ↑ ↓ from one event to the next, Enter asks why, + − zoom, Page up and Page down earlier and later, Home the whole.";

/** One number over time: when it may be dialled, when it was, what it waited for. */
export function NumberLane(props: Props) {
  const { told, onSpan, moment, onMoment } = props;
  const whole = roomy(props.whole);
  const span = inside(props.span, whole);
  const [zone, setZone] = useState(told.zone);
  const clock = zone === told.zone ? told.clock : UTC;
  const events = useMemo(() => eventsOf(told), [told]);
  const cursor = useCursor();
  const reachMs = lengthOf(span) / 120;

  const onKey = (event: KeyboardEvent): boolean => {
    if (event.key === "Enter" && cursor.atMs !== null) {
      onMoment(Math.round(cursor.atMs));
      return true;
    }
    const from = cursor.atMs ?? moment ?? (span[0] + span[1]) / 2;
    const next = stepped(event, from, events);
    if (next === null) return false;
    const atMs = Math.min(Math.max(next, whole[0]), whole[1]);
    cursor.step(atMs);
    onSpan(showing(span, atMs, whole));
    return true;
  };
  const press = (atMs: number, nearMs: number): void => {
    const chosen = dialNear(told, atMs, nearMs)?.atMs ?? Math.round(atMs / MINUTE_MS) * MINUTE_MS;
    cursor.point(chosen);
    onMoment(chosen);
  };
  const words = cursor.atMs === null ? "" : laneWords(told, clock, cursor.atMs, cursor.byKey ? 0 : reachMs);
  return (
    <section class="charts" aria-label={`Number ${told.phone} over time`}>
      <div class="charts-tools">
        <SpanControls span={span} whole={whole} onSpan={onSpan} clock={clock} aroundMs={moment} />
        <ClockChooser zones={NONE} zone={zone} onZone={setZone} own={told.zone} />
      </div>
      <p class="charts-readout">{words || laneSummary(told)}</p>
      <p class="unseen" role="status">{cursor.byKey ? words : ""}</p>
      <Region
        label={`Windows and dials of ${told.phone} over time`}
        help={HELP}
        span={span}
        whole={whole}
        onSpan={onSpan}
        cursor={cursor}
        onPress={press}
        onKey={onKey}
      >
        {(at, selected) => <LaneDrawing at={at} told={told} clock={clock} zone={zone} moment={moment} cursorMs={cursor.atMs} selected={selected} />}
      </Region>
      <LaneLegend told={told} />
    </section>
  );
}

/** Where a key leads to from an instant: by minutes and hours on whole minutes, or from event to event. */
function stepped(event: KeyboardEvent, fromMs: number, events: number[]): number | null {
  const byMs = event.ctrlKey ? HOUR_MS : event.shiftKey ? 5 * MINUTE_MS : MINUTE_MS;
  switch (event.key) {
    case "ArrowRight":
      return Math.floor(fromMs / MINUTE_MS) * MINUTE_MS + byMs;
    case "ArrowLeft":
      return Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS - byMs;
    case "ArrowDown":
      return events.find((atMs) => atMs > fromMs) ?? fromMs;
    case "ArrowUp":
      return events.findLast((atMs) => atMs < fromMs) ?? fromMs;
    default:
      return null;
  }
}
