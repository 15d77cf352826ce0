import { findNodeAtLocation, getNodeValue } from "jsonc-parser";
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import type { Overview, Weekday } from "../contract";
import { count, length, SECOND_MS, share } from "../format";
import { asJson } from "../incoming";
import { treeOf } from "../input/json";
import { DAYS } from "../policy/week";
import { SHORT_DAY_NAMES, dayWords } from "../policy/words";
import type { Lines, WhatIf } from "../what_if";
import { NumberControl } from "./fields";

interface Said extends Record<"lines" | "retry" | "attempts", string> {
  days: Weekday[];
}

/** What the campaign itself says, for the fields that are tried. */
function saidBy(campaign: string): Said {
  const root = treeOf(asJson(campaign));
  const value = (...path: string[]): unknown => {
    const node = root && findNodeAtLocation(root, path);
    return node && getNodeValue(node);
  };
  const lines = value("maxSimultaneousCalls");
  const days = value("policy", "allowedDays");
  return {
    lines: lines == null ? "no limit" : typeof lines === "number" ? count(lines) : "over the day",
    retry: String(value("policy", "retryIntervalInMinutes") ?? "by default"),
    attempts: String(value("policy", "maxAttempts") ?? "by default"),
    days: Array.isArray(days) ? DAYS.filter((day) => days.includes(day)) : [...DAYS],
  };
}

interface Props {
  whatIf: WhatIf;
  onChange: (whatIf: WhatIf) => void;
  campaign: string;
  own: Record<string, number>;
  a: Overview;
  b: Overview | null;
  children?: ComponentChildren;
}

/** Two settings side by side: as it is, and what is tried, with the differences that it makes. */
export function WhatIfPanel({ whatIf, onChange, campaign, own, a, b, children }: Props): JSX.Element {
  const said = saidBy(campaign);
  const { override } = whatIf;
  const number = (field: "retryIntervalInMinutes" | "maxAttempts", value: number | null): void => {
    const { [field]: _, ...others } = override;
    onChange({ ...whatIf, override: value === null ? others : { ...others, [field]: value } });
  };
  return (
    <section class="what-if" aria-labelledby="what-if-title">
      <h2 id="what-if-title">What if</h2>
      <p class="hint">What is tried holds for every number, even for those that say otherwise themselves. An empty field, and days that are left as they are, change nothing.</p>
      <table class="tried">
        <thead>
          <tr><th scope="col">Setting</th><th scope="col">As it is</th><th scope="col">What if</th></tr>
        </thead>
        <tbody>
          <Tried name="Lines" said={said.lines} own={0}>
            <LinesTried lines={whatIf.lines} onChange={(lines) => onChange({ ...whatIf, lines })} />
          </Tried>
          <Tried name="Retry interval, minutes" said={said.retry} own={own["retryIntervalInMinutes"] ?? 0}>
            <Optional label="Retry interval in minutes, what if" value={override.retryIntervalInMinutes ?? null} onChange={(value) => number("retryIntervalInMinutes", value)} />
          </Tried>
          <Tried name="Attempts" said={said.attempts} own={own["maxAttempts"] ?? 0}>
            <Optional label="Attempts, what if" value={override.maxAttempts ?? null} onChange={(value) => number("maxAttempts", value)} />
          </Tried>
          <Tried name="Days" said={dayWords(said.days.map((day) => DAYS.indexOf(day)))} own={own["allowedDays"] ?? 0}>
            <Days days={override.allowedDays ?? said.days} onChange={(allowedDays) => {
              const { allowedDays: _, ...others } = override;
              const asItIs = !own["allowedDays"] && allowedDays.join() === said.days.join();
              onChange({ ...whatIf, override: asItIs ? others : { ...others, allowedDays } });
            }} />
            {override.allowedDays && (
              <button type="button" onClick={() => {
                const { allowedDays: _, ...others } = override;
                onChange({ ...whatIf, override: others });
              }}>Days as they are</button>
            )}
          </Tried>
        </tbody>
      </table>
      {b && <Differences a={a} b={b} />}
      {children}
    </section>
  );
}

function Tried({ name, said, own, children }: { name: string; said: string; own: number; children: ComponentChildren }): JSX.Element {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {said}
        {own > 0 && <span class="hint"> ({count(own)} {own === 1 ? "number says" : "numbers say"} otherwise)</span>}
      </td>
      <td>{children}</td>
    </tr>
  );
}

function LinesTried({ lines, onChange }: { lines: Lines | null; onChange: (lines: Lines | null) => void }): JSX.Element {
  const unlimited = lines === "unlimited";
  return (
    <div class="entry-row">
      <Optional label="Lines, what if" value={unlimited ? null : lines} placeholder={unlimited ? "no limit" : "as it is"} onChange={onChange} />
      <label class="choice">
        <input type="checkbox" checked={unlimited} onChange={(event) => onChange(event.currentTarget.checked ? "unlimited" : null)} />
        No limit
      </label>
    </div>
  );
}

interface OptionalProps {
  label: string;
  value: number | null;
  placeholder?: string;
  onChange: (value: number | null) => void;
}

function Optional({ label, value, placeholder = "as it is", onChange }: OptionalProps): JSX.Element {
  return (
    <NumberControl
      control={{ "aria-label": label }}
      value={value ?? undefined}
      least={1}
      placeholder={placeholder}
      onNumber={(number) => onChange(number ?? null)}
    />
  );
}

/** Days to be ticked and unticked, beginning with those of the campaign; one remains. */
function Days({ days, onChange }: { days: Weekday[]; onChange: (days: Weekday[]) => void }): JSX.Element {
  const id = useId();
  return (
    <div class="days" role="group" aria-label="Days, what if">
      {DAYS.map((day, place) => (
        <label key={day} class="day" for={`${id}${day}`}>
          <input
            id={`${id}${day}`}
            type="checkbox"
            checked={days.includes(day)}
            disabled={days.length === 1 && days[0] === day}
            onChange={(event) => onChange(DAYS.filter((each) => (each === day ? event.currentTarget.checked : days.includes(each))))}
          />
          {SHORT_DAY_NAMES[place]}
        </label>
      ))}
    </div>
  );
}

interface Compared {
  name: string;
  a: string;
  b: string;
  change: string;
}

function Differences({ a, b }: { a: Overview; b: Overview }): JSX.Element {
  return (
    <table class="differences">
      <caption>What changes</caption>
      <thead>
        <tr><th scope="col">Figure</th><th scope="col">As it is</th><th scope="col">What if</th><th scope="col">Difference</th></tr>
      </thead>
      <tbody>
        {compared(a, b).map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <td>{row.a}</td>
            <td>{row.b}</td>
            <td class="change">{row.change}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function undialled(summary: Overview["summary"]): number {
  return summary.undialled.reduce((sum, { jobs }) => sum + jobs, 0);
}

function compared({ summary: a, nowMs }: Overview, { summary: b }: Overview): Compared[] {
  const after = (atMs: number | null): string => (atMs === null ? "–" : `after ${length(atMs - nowMs)}`);
  const sooner = (of_a: number | null, of_b: number | null): string => {
    if (of_a === null || of_b === null) return of_a === of_b ? "none" : "–";
    return of_a === of_b ? "none" : `${length(Math.abs(of_b - of_a))} ${of_b < of_a ? "sooner" : "later"}`;
  };
  const waits = (of_a: number, of_b: number): string =>
    of_a === of_b ? "none" : `${length(Math.abs(of_b - of_a) * SECOND_MS)} ${of_b < of_a ? "less" : "more"}`;
  const counted = (name: string, of_a: number, of_b: number): Compared => ({ name, a: count(of_a), b: count(of_b), change: of_a === of_b ? "none" : `${of_b > of_a ? "+" : "−"}${count(Math.abs(of_b - of_a))}` });
  const points = Math.round((b.reach - a.reach) * 1000) / 10;
  const [waitsA, waitsB] = [a.waitingSeconds, b.waitingSeconds];
  return [
    { name: "All finished", a: after(a.finishMs), b: after(b.finishMs), change: sooner(a.finishMs, b.finishMs) },
    { name: "Last dial", a: after(a.lastDialMs), b: after(b.lastDialMs), change: sooner(a.lastDialMs, b.lastDialMs) },
    { name: "Reached", a: share(a.reach), b: share(b.reach), change: points ? `${points > 0 ? "+" : "−"}${count(Math.abs(points), 1)} points` : "none" },
    { name: "Waiting for a turn, on average", a: length(waitsA.mean * SECOND_MS), b: length(waitsB.mean * SECOND_MS), change: waits(waitsA.mean, waitsB.mean) },
    { name: "Waiting for a turn, 95 % at most", a: length(waitsA.p95 * SECOND_MS), b: length(waitsB.p95 * SECOND_MS), change: waits(waitsA.p95, waitsB.p95) },
    counted("Never dialled", undialled(a), undialled(b)),
    counted("Dials", a.dials, b.dials),
    counted("Most lines busy", a.mostLines, b.mostLines),
  ];
}
