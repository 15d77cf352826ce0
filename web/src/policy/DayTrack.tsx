/** One day of the week's grid: what starts on it, and what runs into it from the night before. */

import { clock, DAY_MINUTES, type DayThatHolds, isSame, WHOLE_DAY, type WindowOnGrid } from "./week";
import { DAY_NAMES, SHORT_DAY_NAMES, spanWords, windowWords } from "./words";

interface DayTrackProps {
  day: number;
  holds: DayThatHolds;
  /** Of the day before. */
  before: DayThatHolds;
  /** Whether what runs into this day counts. */
  tailCounts: boolean;
  selected: WindowOnGrid | null;
  help: string;
  take: (event: PointerEvent, day: number, window: WindowOnGrid | null, isTail: boolean) => void;
  onKey: (event: KeyboardEvent, window: WindowOnGrid) => void;
  onFocus: (window: WindowOnGrid) => void;
  onSplit: (window: WindowOnGrid) => void;
}

export function DayTrack(props: DayTrackProps) {
  const { day, holds, before, tailCounts, take } = props;
  const tails = before.windows.filter(({ toMinute }) => toMinute > DAY_MINUTES);
  const press = (event: PointerEvent): void => {
    if (event.target === event.currentTarget) take(event, day, null, false);
  };
  return (
    <div class={`week-track${holds.allowed ? "" : " closed"}`} data-track onPointerDown={press}>
      {tails.map((window) => (
        <Tail
          key={`tail-${window.fromMinute}`}
          {...props}
          window={window}
          own={before.by === "own"}
          counts={before.allowed && tailCounts}
        />
      ))}
      {holds.by === "own"
        ? holds.windows.map((window, place) => <Block key={place} {...props} window={window} />)
        : holds.windows.map((window, place) => <Ghost key={place} window={window} by={holds.by} />)}
      {holds.windows.length === 0 && (
        <span class="week-none">{holds.by === "campaign" ? "as the campaign" : "no hours"}</span>
      )}
    </div>
  );
}

interface Shown {
  window: WindowOnGrid;
}

function placed(fromMinute: number, toMinute: number): Record<string, string> {
  return { "--from": String(fromMinute / DAY_MINUTES), "--to": String(toMinute / DAY_MINUTES) };
}

function Block(props: DayTrackProps & Shown) {
  const { day, window, selected, help, take, onKey, onFocus, onSplit } = props;
  const runsOn = window.toMinute > DAY_MINUTES;
  const classes = ["week-block", runsOn && "runs-on", isSame(window, selected) && "selected"].filter(Boolean).join(" ");
  return (
    <div
      class={classes}
      style={placed(window.fromMinute, Math.min(window.toMinute, DAY_MINUTES))}
      role="slider"
      tabIndex={0}
      aria-label={DAY_NAMES[day]!}
      aria-valuemin={0}
      aria-valuemax={2 * DAY_MINUTES}
      aria-valuenow={window.toMinute}
      aria-valuetext={spanWords(window)}
      aria-describedby={help}
      title={windowWords(window)}
      data-block
      data-selected={isSame(window, selected) ? "" : undefined}
      onPointerDown={(event) => void take(event, day, window, false)}
      onKeyDown={(event) => onKey(event, window)}
      onFocus={() => onFocus(window)}
      onDblClick={() => onSplit(window)}
    >
      <span class="week-clock">{clock(window.fromMinute)}</span>
      <span class="week-clock last">{endWords(window)}</span>
    </div>
  );
}

function Tail({
  day,
  window,
  own,
  counts,
  selected,
  take,
}: DayTrackProps & Shown & { own: boolean; counts: boolean }) {
  const kind = own ? "week-block" : "week-ghost";
  const classes = [kind, "tail", !counts && "idle", isSame(window, selected) && "selected"].filter(Boolean).join(" ");
  return (
    <div
      class={classes}
      style={placed(0, window.toMinute - DAY_MINUTES)}
      aria-hidden="true"
      title={windowWords(window)}
      data-block
      onPointerDown={(event) => void (own && take(event, day, window, true))}
    >
      <span class="week-clock last">{clock(window.toMinute)}</span>
    </div>
  );
}

function Ghost({ window, by }: Shown & { by: DayThatHolds["by"] }) {
  const whole = window.fromMinute === WHOLE_DAY.fromMinute && window.toMinute === WHOLE_DAY.toMinute;
  const said = by === "campaign" ? `Campaign: ${spanWords(window)}` : "Not set: open all day";
  return (
    <div
      class={`week-ghost${window.toMinute > DAY_MINUTES ? " runs-on" : ""}`}
      style={placed(window.fromMinute, Math.min(window.toMinute, DAY_MINUTES))}
      title={said}
    >
      <span class="week-clock">{whole ? "open all day" : clock(window.fromMinute)}</span>
      {!whole && <span class="week-clock last">{endWords(window)}</span>}
    </div>
  );
}

function endWords({ day, toMinute }: WindowOnGrid): string {
  return toMinute > DAY_MINUTES ? `${SHORT_DAY_NAMES[(day + 1) % 7]} ${clock(toMinute)}` : clock(toMinute);
}
