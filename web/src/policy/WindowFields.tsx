/** The selected window in exact fields, and what can be done with it, so that nobody has to drag. */

import { useId } from "preact/hooks";
import { useTyped } from "../shell/useTyped";
import { canSplit, clock, DAY_MINUTES, minuteOf, nextOf, type Week, type WindowOnGrid } from "./week";
import { DAY_NAMES, windowWords } from "./words";

interface WindowFieldsProps {
  week: Week;
  selected: WindowOnGrid | null;
  onBounds: (window: WindowOnGrid) => void;
  onDay: (day: number) => void;
  onAdd: (day: number) => void;
  onSplit: () => void;
  onJoin: () => void;
  onRemove: () => void;
  onCopy: (days: readonly number[]) => void;
}

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const WORKING_DAYS = [0, 1, 2, 3, 4];

export function WindowFields(props: WindowFieldsProps) {
  const { selected } = props;
  return (
    <div class="window-fields">
      {selected ? (
        <Selected {...props} selected={selected} />
      ) : (
        <p class="hint">Select a window to change it, or draw one on the grid.</p>
      )}
      <AddWindow day={selected?.day ?? 0} onAdd={props.onAdd} />
    </div>
  );
}

function Selected(props: WindowFieldsProps & { selected: WindowOnGrid }) {
  const { week, selected, onBounds, onDay, onSplit, onJoin, onRemove, onCopy } = props;
  const day = DAY_NAMES[selected.day]!;
  const set = (fromMinute: number, to: number): void => {
    onBounds({ ...selected, fromMinute, toMinute: to <= fromMinute ? to + DAY_MINUTES : to });
  };
  const to = selected.toMinute % DAY_MINUTES;
  const ends = DAY_NAMES[(selected.day + 1) % 7]!;
  return (
    <fieldset class="window-bounds">
      <legend>{windowWords(selected)}</legend>
      <DayChoice label="Day" day={selected.day} onDay={onDay} />
      <TimeField label="From" minute={selected.fromMinute} onMinute={(minute) => set(minute, to)} />
      <TimeField
        label={selected.toMinute > DAY_MINUTES ? `To, on ${ends}` : "To"}
        minute={to}
        onMinute={(minute) => set(selected.fromMinute, minute)}
      />
      <div class="buttons">
        <button type="button" onClick={onSplit} disabled={!canSplit(selected)}>
          Split
        </button>
        {nextOf(week, selected) && (
          <button type="button" onClick={onJoin}>
            Join with the next
          </button>
        )}
        <button type="button" onClick={onRemove}>
          Remove
        </button>
        <button type="button" onClick={() => onCopy(EVERY_DAY)}>
          Copy {day} to every day
        </button>
        <button type="button" onClick={() => onCopy(WORKING_DAYS)}>
          …to {DAY_NAMES[0]}–{DAY_NAMES[4]}
        </button>
      </div>
    </fieldset>
  );
}

interface TimeFieldProps {
  label: string;
  minute: number;
  onMinute: (minute: number) => void;
}

/** A time is taken when the field is left or at Enter: what is typed on the way is another time. */
function TimeField({ label, minute, onMinute }: TimeFieldProps) {
  const id = useId();
  const [typed, setTyped] = useTyped(clock(minute));
  // What the field holds, since what was typed last may not be drawn yet.
  const take = ({ currentTarget }: { currentTarget: HTMLInputElement }): void => {
    const taken = minuteOf(currentTarget.value);
    if (taken === null) setTyped(clock(minute));
    else if (taken !== minute) onMinute(taken);
  };
  return (
    <span class="entry-inline">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="time"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => void (event.key === "Enter" && take(event))}
      />
    </span>
  );
}

function AddWindow({ day, onAdd }: { day: number; onAdd: (day: number) => void }) {
  const [chosen, setChosen] = useTyped(day);
  return (
    <div class="entry-inline">
      <button type="button" onClick={() => onAdd(chosen)}>
        Add a window
      </button>
      <DayChoice label="on" day={chosen} onDay={setChosen} />
    </div>
  );
}

function DayChoice({ label, day, onDay }: { label: string; day: number; onDay: (day: number) => void }) {
  const id = useId();
  return (
    <span class="entry-inline">
      <label for={id}>{label}</label>
      <select id={id} value={day} onChange={(event) => onDay(Number(event.currentTarget.value))}>
        {DAY_NAMES.map((name, place) => (
          <option key={name} value={place}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}
