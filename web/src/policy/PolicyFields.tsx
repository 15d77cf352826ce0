/** What a campaign and a number may both say: days and hours, retries, attempts and priority. */

import { useId } from "preact/hooks";
import { count } from "../format";
import { Field, type FrameProps, NumberControl, FieldRemarks } from "../shell/fields";
import type { Level } from "./level";
import type { Week } from "./week";
import { WeekGrid } from "./WeekGrid";
import { readWeek, writeWeek } from "./wire";

interface PolicyFieldsProps {
  level: Level;
  /** The campaign's level, where `level` is a number's. */
  weaker: Level | null;
}

const HOURS_FIELDS = ["allowedDays", "allowedTime", "localTimeFrom", "localTimeTo"];

export function PolicyFields({ level, weaker }: PolicyFieldsProps) {
  return (
    <>
      <Hours level={level} weaker={weaker} />
      <div class="entry-grid short">
        <PolicyNumber
          level={level}
          weaker={weaker}
          name="maxAttempts"
          label="Attempts for each number"
          most={50}
          usual={1}
        />
        <PolicyNumber
          level={level}
          weaker={weaker}
          name="retryIntervalInMinutes"
          label="Minutes between attempts"
          most={2880}
          usual={60}
        />
        <Priority level={level} weaker={weaker} />
      </div>
    </>
  );
}

function weekOf(level: Level) {
  return readWeek(Object.fromEntries(HOURS_FIELDS.map((name) => [name, level.value("policy", name)])));
}

function Hours({ level, weaker }: PolicyFieldsProps) {
  const remarks = useId();
  const read = weekOf(level);
  const problems = HOURS_FIELDS.flatMap((name) => level.problems("policy", name));
  const own = ["allowedTime", "allowedDays"].map(
    (name) => [name === "allowedTime" ? "Hours" : "Days", level.own(name)] as const,
  );
  const said = own
    .filter(([, words]) => words)
    .map(([name, words]) => `${name}: ${words}`)
    .join(" ");
  const readings = (weaker ?? level).value;
  if (!read.week) {
    const clear = (): void =>
      level.set(...HOURS_FIELDS.map((name): [string[], undefined] => [["policy", name], undefined]));
    return (
      <div class="entry">
        <p class="wrong">
          These hours cannot be drawn: {read.problem}. Mend them in the text, or begin anew.
        </p>
        <FieldRemarks id={remarks} problems={problems} own={said} />
        <button type="button" onClick={clear}>
          Clear days and hours
        </button>
      </div>
    );
  }
  const before = read.week;
  return (
    <div class="entry">
      <h4>Days and hours, on the clock of the number called</h4>
      <FieldRemarks id={remarks} problems={problems} own={said} />
      <WeekGrid
        own={before}
        weaker={weaker && (weaker.known ? (weekOf(weaker).week ?? "unknown") : "unknown")}
        onWeek={(week) => level.set(...changesOf(level, before, week))}
        label="Days and hours in which calls may start"
        unlisted={readings("readings", "unlistedDay") === "closed" ? "closed" : "inherit"}
        clipsTails={readings("readings", "overnightTail") === "clip"}
        describedBy={problems.length || said ? remarks : undefined}
      />
    </div>
  );
}

/** The fields that a changed week changes. Hours in the older form give way to allowedTime. */
function changesOf(level: Level, before: Week, after: Week): [string[], unknown][] {
  const written = writeWeek(after);
  const names = before.windows === after.windows ? [] : ["allowedTime", "localTimeFrom", "localTimeTo"];
  if (before.allowedDays !== after.allowedDays) names.push("allowedDays");
  return names
    .map((name): [string[], unknown] => [["policy", name], written[name as keyof typeof written]])
    .filter(([path, value]) => value !== undefined || level.value(...path) !== undefined);
}

interface PolicyNumberProps extends PolicyFieldsProps {
  name: string;
  label: string;
  most: number;
  usual: number;
}

function PolicyNumber({ level, weaker, name, label, most, usual }: PolicyNumberProps) {
  const value = level.value("policy", name);
  return (
    <Field {...frameOf(level, weaker, name, label, usual)}>
      {(control) => (
        <NumberControl
          control={control}
          value={value}
          least={1}
          most={most}
          placeholder={unsetValue(weaker, name, usual)}
          onNumber={(number) => level.set([["policy", name], number])}
        />
      )}
    </Field>
  );
}

const PRIORITIES = ["1, first", "2", "3", "4", "5, last"];

function Priority({ level, weaker }: PolicyFieldsProps) {
  const value = level.value("policy", "dialerPriority");
  const known = value === undefined || (typeof value === "number" && PRIORITIES[value - 1] !== undefined);
  return (
    <Field {...frameOf(level, weaker, "dialerPriority", "Priority", 5)} hint={undefined} unset={undefined}>
      {(control) => (
        <select
          {...control}
          value={value === undefined ? "" : String(value)}
          onChange={(event) =>
            level.set([["policy", "dialerPriority"], Number(event.currentTarget.value) || undefined])
          }
        >
          <option value="">{unsetPriority(weaker)}</option>
          {PRIORITIES.map((words, place) => (
            <option key={words} value={String(place + 1)}>
              {words}
            </option>
          ))}
          {!known && <option value={String(value)}>{JSON.stringify(value)}</option>}
        </select>
      )}
    </Field>
  );
}

/** Short enough for the choice. */
function unsetPriority(weaker: Level | null): string {
  if (!weaker) return unsetWords(null, "dialerPriority", 5);
  return weaker.known ? `Campaign: ${unsetValue(weaker, "dialerPriority", 5)}` : "Campaign";
}

function frameOf(
  level: Level,
  weaker: Level | null,
  name: string,
  label: string,
  usual: number,
): Omit<FrameProps, "children"> {
  const set = level.value("policy", name) !== undefined;
  const clear = (): void => level.set([["policy", name], undefined]);
  return {
    label,
    problems: level.problems("policy", name),
    own: level.own(name),
    hint: set ? undefined : unsetWords(weaker, name, usual),
    unset: set ? { words: weaker ? "As the campaign" : "Clear", act: clear } : undefined,
  };
}

function unsetValue(weaker: Level | null, name: string, usual: number): string {
  if (weaker && !weaker.known) return "";
  const theirs = weaker?.value("policy", name);
  return typeof theirs === "number" && theirs !== 0 ? count(theirs) : count(usual);
}

function unsetWords(weaker: Level | null, name: string, usual: number): string {
  if (weaker && !weaker.known) return "As the campaign says";
  return weaker ? `As the campaign says: ${unsetValue(weaker, name, usual)}` : `Not set: ${count(usual)}`;
}
