/** A date and time with its offset; what is written otherwise is changed as text. */

import { instant, UTC } from "../format";
import { Field, TextControl, type Told } from "../shell/fields";
import { millisecondsOf, offsetOfZone, putTogether, takenApart, type Written } from "./instants";

interface InstantFieldProps {
  label: string;
  value: unknown;
  /** What it is, without a full stop. */
  meaning: string;
  /** The zone on whose clock a date and time is typed; it is offered beside UTC. */
  zone: string;
  unsetWords: string;
  own?: string;
  problems: readonly Told[];
  onValue: (value: string | undefined) => void;
}

export function InstantField({ label, value, meaning, zone, unsetWords, own = "", problems, onValue }: InstantFieldProps) {
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
  const local = written?.local ?? "";
  // What is on the zone's clock stays on it when that clock changes; what is on another keeps its offset.
  const type = (typed: string): void => {
    const onZone = !written || written.offset === offsetOfZone(zone, written.local);
    const offset = onZone ? (offsetOfZone(zone, typed) ?? "Z") : written.offset;
    onValue(putTogether({ local: typed, offset }));
  };
  const paste = (event: ClipboardEvent): void => {
    const pasted = event.clipboardData?.getData("text").trim();
    const apart = takenApart(pasted);
    if (!apart) return;
    event.preventDefault();
    if (apart.offset) onValue(pasted);
    else type(apart.local);
  };
  return (
    <Field {...frame} hint={written ? `${meaning}: ${inUtc(written)}` : unsetHint(meaning, zone, unsetWords)}>
      {(control) => (
        <>
          <input
            {...control}
            type="datetime-local"
            step={local.endsWith(":00") || !local ? 60 : 1}
            value={local.replace(/:00$/, "")}
            onPaste={paste}
            onChange={(event) => {
              const typed = event.currentTarget.value;
              // A date of which only a part is emptied has no value either, but a field that is all empty is whole.
              if (!typed && !event.currentTarget.validity.badInput) onValue(undefined);
              else if (typed) type(typed);
            }}
          />
          {written && (
            <OffsetChoice
              label={label}
              written={written}
              zone={zone}
              onOffset={(offset) => onValue(putTogether({ ...written, offset }))}
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

function unsetHint(meaning: string, zone: string, unsetWords: string): string {
  const clock = offsetOfZone(zone, "2026-01-01T00:00:00") ? zone : "UTC";
  return `${meaning}, on the clock of ${clock}. ${unsetWords}`;
}

function inUtc(written: Written): string {
  const told = `${instant(UTC, millisecondsOf(written))} UTC`;
  return written.offset === "" ? `${told}. No offset is written, so it is read as UTC` : told;
}
