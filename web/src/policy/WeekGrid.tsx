/** A week of days and hours on which the windows of a policy are drawn, moved and read. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { DayTrack } from "./DayTrack";
import { useDragging } from "./dragging";
import {
  addWindow,
  type Changed,
  copyDay,
  type DayThatHolds,
  DAYS,
  type DecidedBy,
  hoursThatHold,
  isSame,
  joinWithNext,
  keepOtherDays,
  moveWindow,
  OFFICE,
  removeWindow,
  roomOn,
  splitWindow,
  toggleDay,
  type Weaker,
  type Week,
  type WindowOnGrid,
} from "./week";
import "./week.css";
import { actionOf } from "./weekKeys";
import { WindowFields } from "./WindowFields";
import { DAY_NAMES, dayWords, SHORT_DAY_NAMES, spanWords, windowWords } from "./words";

interface WeekGridProps {
  /** What this level sets itself. */
  own: Week;
  /** What the campaign sets, where `own` is a number's. */
  weaker: Weaker;
  onWeek: (week: Week) => void;
  label: string;
  /** How the campaign reads days that a level does not list (R3.6). */
  unlisted?: "inherit" | "closed";
  /** Whether what runs into a day that is not allowed ends at midnight (R3.7). */
  clipsTails?: boolean;
  describedBy?: string | undefined;
}

const HOURS = [0, 3, 6, 9, 12, 15, 18, 21, 24];

export function WeekGrid(props: WeekGridProps) {
  const { own, weaker, onWeek, label, unlisted = "inherit", clipsTails = false, describedBy } = props;
  const grid = useRef<HTMLDivElement>(null);
  const help = useId();
  const { selected, select, said, change } = useChanges(grid, own, weaker, onWeek);
  const { draft, take } = useDragging(
    grid,
    own,
    (changed, isNew) => change(changed, isNew ? "added" : "moved"),
    select,
  );
  const inHand = draft ? draft.at : selected;
  const shown = draft ? keepOtherDays(own, draft.week, weaker) : own;
  const days = hoursThatHold(shown, weaker, unlisted);
  const split = (window: WindowOnGrid): void => {
    change(splitWindow(own, window), "split");
  };
  const press = (event: KeyboardEvent, window: WindowOnGrid): void => {
    const action = actionOf(event, own, window);
    if (!action) return;
    event.preventDefault();
    change(action.changed, action.what);
  };
  return (
    <div class="week" role="group" aria-label={label} aria-describedby={describedBy}>
      <div class={`week-grid${draft ? " dragging" : ""}`} ref={grid}>
        <div class="week-hours" aria-hidden="true">
          {HOURS.map((hour) => (
            <span key={hour} style={{ "--from": String(hour / 24) }}>
              {String(hour).padStart(2, "0")}
            </span>
          ))}
        </div>
        {days.map((holds, day) => (
          <div class="week-day" key={DAYS[day]!}>
            <DayName day={day} own={own} days={days} onWeek={onWeek} />
            <DayTrack
              day={day}
              holds={holds}
              before={days[(day + 6) % 7]!}
              tailCounts={!clipsTails || holds.allowed}
              selected={inHand}
              help={help}
              take={take}
              onKey={press}
              onFocus={select}
              onSplit={split}
            />
          </div>
        ))}
      </div>
      <Fields own={own} selected={inHand} change={change} />
      {inHand && !days[inHand.day]!.allowed && (
        <p class="hint">
          No calls on {DAY_NAMES[inHand.day]}: tick the day, and its windows count.
        </p>
      )}
      <Levels own={own} weaker={weaker} days={days} onWeek={onWeek} />
      <p class="hint keys" id={help}>
        Arrow keys move the end of a window by 5 minutes, with Shift its start, with Alt both; Page Up and Page Down
        by an hour, with Ctrl by one minute. Delete removes it. A double click splits it.
      </p>
      <p class="unseen" role="status">
        {said}
      </p>
    </div>
  );
}

/** Which window is selected, and what was done last, in words. The focus stays with the window that was changed. */
function useChanges(grid: { current: HTMLDivElement | null }, own: Week, weaker: Weaker, onWeek: (week: Week) => void) {
  const [chosen, select] = useState<WindowOnGrid | null>(null);
  const [said, say] = useState("");
  const focusNext = useRef(false);
  const selected = own.windows.find((window) => isSame(window, chosen)) ?? null;
  useEffect(() => {
    if (!focusNext.current) return;
    focusNext.current = false;
    const next = grid.current?.querySelector<HTMLElement>("[data-selected]") ?? grid.current?.querySelector("input");
    next?.focus();
  });
  const change = ({ week, at }: Changed, what: string): void => {
    const next = at ?? (selected && nearestTo(week, selected));
    // The last window takes its fields with it, and the button that removed it.
    focusNext.current = grid.current?.contains(document.activeElement) || !next;
    if (what === "removed" && selected) say(`${windowWords(selected)} removed`);
    else if (what !== "moved" && at) say(`${windowWords(at)} ${what}`);
    select(next);
    onWeek(keepOtherDays(own, week, weaker));
  };
  return { selected, select, said, change };
}

function nearestTo(week: Week, gone: WindowOnGrid): WindowOnGrid | null {
  const before = ({ day, fromMinute }: WindowOnGrid): boolean =>
    day < gone.day || (day === gone.day && fromMinute < gone.fromMinute);
  return week.windows.findLast(before) ?? week.windows[0] ?? null;
}

interface FieldsProps {
  own: Week;
  selected: WindowOnGrid | null;
  change: (changed: Changed, what: string) => void;
}

function Fields({ own, selected, change }: FieldsProps) {
  const add = (day: number): void => {
    const room = roomOn(own, day);
    if (room) change(addWindow(own, room), "added");
  };
  const onSelected = (act: (window: WindowOnGrid) => Changed, what: string) => () =>
    void (selected && change(act(selected), what));
  return (
    <WindowFields
      week={own}
      selected={selected}
      onAdd={add}
      onDay={(day) => selected && change(moveWindow(own, selected, day, selected.fromMinute), "moved")}
      onBounds={(window) => selected && change(addWindow(removeWindow(own, selected).week, window), "moved")}
      onSplit={onSelected((window) => splitWindow(own, window), "split")}
      onJoin={onSelected((window) => joinWithNext(own, window), "joined")}
      onRemove={onSelected((window) => removeWindow(own, window), "removed")}
      onCopy={(to) => selected && change({ week: copyDay(own, selected.day, to), at: selected }, "copied")}
    />
  );
}

interface DayNameProps {
  day: number;
  own: Week;
  days: readonly DayThatHolds[];
  onWeek: (week: Week) => void;
}

function DayName({ day, own, days, onWeek }: DayNameProps) {
  const ruling = allowedOf(days);
  const allowed = ruling.includes(day);
  return (
    <label class="week-name" title={`${DAY_NAMES[day]}: calls ${allowed ? "are" : "are not"} allowed`}>
      <input
        type="checkbox"
        checked={allowed}
        disabled={allowed && ruling.length === 1}
        aria-label={`Calls on ${DAY_NAMES[day]}`}
        onChange={() => onWeek(toggleDay(own, day, ruling))}
      />
      <span>{SHORT_DAY_NAMES[day]}</span>
    </label>
  );
}

function allowedOf(days: readonly DayThatHolds[]): number[] {
  return days.flatMap(({ allowed }, day) => (allowed ? [day] : []));
}

interface LevelsProps {
  own: Week;
  weaker: Weaker;
  days: readonly DayThatHolds[];
  onWeek: (week: Week) => void;
}

/** Who decides the days and the hours, in words. */
function Levels({ own, weaker, days, onWeek }: LevelsProps) {
  const put = (part: Partial<Week>): void => onWeek({ ...own, ...part });
  const theirs = weaker === "unknown" ? "" : `${dayWords(allowedOf(days))} `;
  const others = `not set here, ${theirs}${weaker ? "as the campaign says" : "by default"}`;
  return (
    <ul class="week-levels">
      <li>
        Days: {own.allowedDays ? dayWords(own.allowedDays) : others}.
        {own.allowedDays && (
          <button type="button" onClick={() => put({ allowedDays: null })}>
            Do not set the days
          </button>
        )}
      </li>
      <li>
        Hours: {hoursWords(days)}.
        {own.windows.length > 0 && (
          <button type="button" onClick={() => put({ windows: [] })}>
            Do not set the hours
          </button>
        )}
        {!own.windows.length && <BeginWith days={days} onWindows={(windows) => put({ windows })} />}
      </li>
    </ul>
  );
}

/** What to change rather than to draw: the campaign's hours, or office hours. */
function BeginWith({ days, onWindows }: { days: readonly DayThatHolds[]; onWindows: (windows: WindowOnGrid[]) => void }) {
  const theirs = days.flatMap(({ by, windows }) => (by === "campaign" ? windows : []));
  const windows = theirs.length ? theirs : DAYS.map((_, day) => ({ day, ...OFFICE }));
  return (
    <button type="button" onClick={() => onWindows(windows)}>
      Begin with {theirs.length ? "the campaign's hours" : spanWords({ day: 0, ...OFFICE })}
    </button>
  );
}

const DECIDED: [by: DecidedBy, words: string][] = [
  ["own", "set here"],
  ["campaign", "as the campaign says"],
  ["default", "not set, open all day by default"],
  ["nobody", "none, so that nobody is called"],
];

function hoursWords(days: readonly DayThatHolds[]): string {
  const parts = DECIDED.map(([by, words]) => ({
    words,
    on: days.flatMap((each, day) => (each.by === by ? [day] : [])),
  }));
  return parts
    .filter(({ on }) => on.length)
    .map(({ words, on }) => (on.length === 7 ? words : `${words} on ${dayWords(on)}`))
    .join("; ");
}
