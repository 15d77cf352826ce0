/** Fields that hold lists: lines over the day, dates that are closed, laws. */

import { useId, useState } from "preact/hooks";
import { isObject } from "../input/json";
import { Field, type FrameProps, Group, NumberControl } from "../shell/fields";
import { clock, minuteOf } from "./week";

type Frame = Omit<FrameProps, "children" | "unset">;

interface ListFieldProps {
  frame: Frame;
  value: unknown;
  onValue: (value: unknown) => void;
}

type Step = { from: string } & Record<string, unknown>;

/** A number, or numbers that hold from a time of day on; `word` is what they count. */
export function OverTheDay({ frame, value, onValue, word }: ListFieldProps & { word: "lines" | "agents" }) {
  const steps = Array.isArray(value)
    ? value.map((step): Step => (isObject(step) ? { ...step, from: String(step.from ?? "") } : { from: "" }))
    : null;
  if (!steps) {
    const first = [{ from: "00:00", [word]: typeof value === "number" ? value : 1 }];
    return (
      <Field {...frame} unset={{ words: "Change over the day", act: () => onValue(first) }}>
        {(control) => (
          <NumberControl
            control={control}
            value={value}
            least={1}
            onNumber={onValue}
            placeholder="no limit"
          />
        )}
      </Field>
    );
  }
  const put = (place: number, change: Partial<Step>): void =>
    onValue(steps.map((step, each) => (each === place ? { ...step, ...change } : step)));
  return (
    <Group {...frame} wide>
      {steps.map((step, place) => (
        <StepRow
          key={place}
          step={step}
          word={word}
          onStep={(change) => put(place, change)}
          onRemove={steps.length > 1 ? () => onValue(steps.toSpliced(place, 1)) : null}
        />
      ))}
      <div class="buttons">
        <button type="button" onClick={() => onValue([...steps, nextStep(steps, word)])}>
          Add a time
        </button>
        <button type="button" onClick={() => onValue(steps[0]?.[word])}>
          The same all day
        </button>
      </div>
    </Group>
  );
}

function nextStep(steps: readonly Step[], word: string): Step {
  const last = Math.max(...steps.map(({ from }) => minuteOf(from) ?? 0));
  return { from: clock(Math.min(last + 60, 23 * 60 + 59)), [word]: steps.at(-1)?.[word] ?? 1 };
}

interface StepRowProps {
  step: Step;
  word: string;
  onStep: (change: Partial<Step>) => void;
  onRemove: (() => void) | null;
}

function StepRow({ step, word, onStep, onRemove }: StepRowProps) {
  const id = useId();
  const control = { id: `${id}-count` };
  return (
    <div class="entry-row">
      <label for={id}>From</label>
      <input
        id={id}
        type="time"
        value={step.from.padStart(5, "0")}
        onChange={(event) => event.currentTarget.value && onStep({ from: event.currentTarget.value })}
      />
      <label for={control.id}>{word}</label>
      <NumberControl
        control={control}
        value={step[word]}
        least={1}
        onNumber={(number) => onStep({ [word]: number ?? 1 })}
      />
      {onRemove && (
        <button type="button" onClick={onRemove} aria-label={`Remove ${word} from ${step.from}`}>
          Remove
        </button>
      )}
    </div>
  );
}

/** Dates, in order. */
export function DatesField({ frame, value, onValue }: ListFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const dates = Array.isArray(value) ? value.map(String) : [];
  const put = (next: string[]): void => onValue(next.length ? next : undefined);
  return (
    <Group {...frame}>
      {dates.length > 0 && (
        <ul class="chips">
          {dates.map((date, place) => (
            <li key={place}>
              {date}
              <button type="button" aria-label={`Remove ${date}`} onClick={() => put(dates.toSpliced(place, 1))}>
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="entry-row">
        <label for={id}>Date</label>
        <input id={id} type="date" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        <button
          type="button"
          disabled={!typed}
          onClick={() => {
            put([...new Set([...dates, typed])].toSorted());
            setTyped("");
          }}
        >
          Add the date
        </button>
      </div>
    </Group>
  );
}

/** Laws by their titles, as boxes to tick; what a campaign names besides is no law. */
export function LawsField({ frame, value, onValue, laws }: ListFieldProps & { laws: ReadonlyMap<string, string> }) {
  const chosen = typeof value === "string" ? [value] : Array.isArray(value) ? value.map(String) : [];
  const put = (names: readonly string[]): void => onValue(names.length ? names : undefined);
  const names = [...new Set([...laws.keys(), ...chosen])];
  return (
    <Group {...frame}>
      <div class="ticks">
        {names.map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={() => put(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name])}
            />
            <span>{laws.has(name) && `${laws.get(name)} `}<code>{name}</code></span>
          </label>
        ))}
      </div>
    </Group>
  );
}
