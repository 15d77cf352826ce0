/** A date and time with its offset; what is written otherwise is changed as text. */

import type { Problem } from "../contract";
import { instant, UTC } from "../format";
import { Field, TextControl } from "../shell/fields";
import { millisecondsOf, offsetOfZone, putTogether, takenApart, type Written } from "./instants";

interface InstantFieldProps {
  label: string;
  value: unknown;
  /** The zone whose time is offered beside UTC. */
  zone: string;
  unsetWords: string;
  own: string;
  problems: readonly Problem[];
  onValue: (value: string | undefined) => void;
}

export function InstantField({ label, value, zone, unsetWords, own, problems, onValue }: InstantFieldProps) {
  const written = takenApart(value);
  const unset = value === undefined ? undefined : { words: "Clear", act: () => onValue(undefined) };
  const frame = { label, own, problems, unset };
  if (value !== undefined && !written) {
    return (
      <Field {...frame} hint="Write it like 2026-03-02T09:00:00Z, or clear it.">
        {(control) => <TextControl control={control} value={value} onText={onValue} />}
      </Field>
    );
  }
  const shown: Written = written ?? { local: "", offset: offsetOfZone(zone, "2026-01-01T00:00:00") ?? "Z" };
  const set = (changed: Partial<Written>): void => {
    const next = { ...shown, ...changed };
    if (next.local) onValue(putTogether(next));
  };
  const paste = (event: ClipboardEvent): void => {
    const pasted = event.clipboardData?.getData("text").trim();
    if (!takenApart(pasted)) return;
    event.preventDefault();
    onValue(pasted);
  };
  return (
    <Field {...frame} hint={written ? inUtc(written) : unsetWords}>
      {(control) => (
        <>
          <input
            {...control}
            type="datetime-local"
            step={shown.local.endsWith(":00") || !shown.local ? 60 : 1}
            value={shown.local.replace(/:00$/, "")}
            onPaste={paste}
            onChange={(event) => {
              const local = event.currentTarget.value;
              // A date of which only a part is emptied has no value either, but a field that is all empty is whole.
              if (!local && !event.currentTarget.validity.badInput) onValue(undefined);
              else if (local) set({ local, offset: written ? shown.offset : (offsetOfZone(zone, local) ?? "Z") });
            }}
          />
          {written && (
            <OffsetChoice
              label={label}
              written={written}
              zone={zone}
              onOffset={(offset) => set({ offset })}
            />
          )}
        </>
      )}
    </Field>
  );
}

interface OffsetChoiceProps {
  label: string;
  written: Written;
  zone: string;
  onOffset: (offset: string) => void;
}

function OffsetChoice({ label, written, zone, onOffset }: OffsetChoiceProps) {
  const ofZone = offsetOfZone(zone, written.local);
  const choices = new Map([["Z", "UTC"]]);
  if (ofZone && ofZone !== "Z") choices.set(ofZone, `${zone} (UTC${ofZone})`);
  if (!choices.has(written.offset))
    choices.set(written.offset, written.offset ? `UTC${written.offset}` : "not written: UTC");
  return (
    <select
      aria-label={`${label}: on the clock of`}
      value={written.offset}
      onChange={(event) => onOffset(event.currentTarget.value)}
    >
      {[...choices].map(([offset, words]) => (
        <option key={offset} value={offset}>
          {words}
        </option>
      ))}
    </select>
  );
}

function inUtc(written: Written): string {
  const told = `${instant(UTC, millisecondsOf(written))} UTC`;
  return written.offset === "" ? `No offset is written, so it is read as UTC: ${told}` : told;
}
