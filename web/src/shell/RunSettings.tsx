import type { JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import type { Problem } from "../contract";
import { InstantField } from "../policy/InstantField";
import type { Setup } from "../setup";
import { Field, NumberControl } from "./fields";
import { useTyped } from "./useTyped";

interface Props {
  setup: Setup;
  /** The campaign's zone. */
  zone: string;
  onChange: (parts: Partial<Setup>) => void;
  problems: Problem[];
}

const NONE: Problem[] = [];
const DEFAULT_ANSWERED = 0.3;
const DEFAULT_TALK_S = 60;

/** From when to when a preview goes, and who answers in it. */
export function RunSettings({ setup, zone, onChange, problems }: Props): JSX.Element {
  const about = (name: string): Problem[] => problems.filter(({ in: text, path }) => text === "run" && path === `$.${name}`);
  const instant = (name: "now" | "until", label: string, meaning: string, unsetWords: string): JSX.Element => (
    <InstantField
      label={label} meaning={meaning} unsetWords={unsetWords} zone={zone}
      value={setup[name] ?? undefined} problems={about(name)} onValue={(value) => onChange({ [name]: value ?? null })}
    />
  );
  return (
    <div class="run-settings">
      {instant("now", "Begins", "The simulation begins here", "Empty: when it is run.")}
      {instant("until", "Stops", "The simulation stops here", "Empty: after 366 days, or when all is done.")}
      <Answers outcomes={setup.outcomes} onChange={(outcomes) => onChange({ outcomes })} problems={problems.filter((each) => each.in === "outcomes")} />
      {setup.outcomes !== null && (
        <KeptNumber label="Seed" hint="The same seed gives the same luck." value={setup.seed} least={0} problems={about("seed")} onNumber={(seed) => onChange({ seed })} />
      )}
    </div>
  );
}

/** What a model of nothing but a share of answers and a mean talk says, or null where a text says more. */
function simpleModel(outcomes: string): { answered: number; talk: number } | null {
  try {
    const { model, ...others } = JSON.parse(outcomes);
    const { answered, talkSeconds, ...more } = model;
    const talk = talkSeconds?.exponential;
    const plain = !Object.keys(others).length && !Object.keys(more).length && Object.keys(talkSeconds).length === 1;
    return plain && isIn(answered, 0, 1) && isIn(talk, 0) ? { answered, talk } : null;
  } catch {
    return null;
  }
}

function isIn(value: unknown, least: number, most = Infinity): value is number {
  return typeof value === "number" && value >= least && value <= most;
}

function modelText(answered: number, talk: number): string {
  return JSON.stringify({ model: { answered, talkSeconds: { exponential: talk } } }, undefined, 2);
}

interface AnswersProps {
  outcomes: string | null;
  onChange: (outcomes: string | null) => void;
  problems: Problem[];
}

function Answers({ outcomes, onChange, problems }: AnswersProps): JSX.Element {
  const id = useId();
  const simple = outcomes === null ? null : simpleModel(outcomes);
  const [own, setOwn] = useState(false);
  const kind = outcomes === null ? "never" : simple && !own ? "share" : "own";
  // A text of one's own is still there after a look at the other choices.
  const ownText = useRef<string | null>(null);
  if (kind === "own") ownText.current = outcomes;
  const choose = (next: typeof kind): void => {
    setOwn(next === "own");
    const kept = next === "own" ? (ownText.current ?? outcomes) : null;
    onChange(next === "never" ? null : (kept ?? modelText(DEFAULT_ANSWERED, DEFAULT_TALK_S)));
  };
  return (
    <fieldset>
      <legend>Who answers</legend>
      <div class="choices">
        <Choice name={id} label="Nobody: every attempt is shown" checked={kind === "never"} onChoose={() => choose("never")} />
        <Choice name={id} label="A share of all attempts" checked={kind === "share"} onChoose={() => choose("share")} />
        <Choice name={id} label="By a model or a script of your own" checked={kind === "own"} onChoose={() => choose("own")} />
      </div>
      {simple && kind === "share" && <Share {...simple} onText={onChange} />}
      {kind === "own" && (
        <>
          <label for={`${id}-text`}>Model or script</label>
          <textarea
            id={`${id}-text`}
            rows={8}
            spellcheck={false}
            aria-invalid={problems.length > 0}
            aria-describedby={`${id}-wrong`}
            value={outcomes ?? ""}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        </>
      )}
      <ul id={`${id}-wrong`}>
        {problems.map((problem, place) => <li key={place} class="wrong"><code>{problem.path}</code> {problem.message}</li>)}
      </ul>
    </fieldset>
  );
}

/** Both figures of the model that says no more. */
function Share({ answered, talk, onText }: { answered: number; talk: number; onText: (outcomes: string) => void }): JSX.Element {
  return (
    <div class="pair">
      <KeptNumber label="Answered, %" unit="%" value={Number((answered * 100).toPrecision(12))} least={0} most={100} step="any"
        onNumber={(percent) => onText(modelText(percent / 100, talk))} />
      <KeptNumber label="Talk on average, s" unit={"\u00a0s"} value={talk} least={0} step="any"
        onNumber={(seconds) => onText(modelText(answered, seconds))} />
    </div>
  );
}

interface KeptNumberProps {
  label: string;
  hint?: string;
  unit?: string;
  value: number;
  least: number;
  most?: number;
  step?: number | "any";
  problems?: Problem[];
  onNumber: (value: number) => void;
}

/** A number that has to be there: what is none, or is out of bounds, is told and not taken. */
function KeptNumber({ label, hint, unit = "", value, problems = NONE, onNumber, ...bounds }: KeptNumberProps): JSX.Element {
  const { least, most, step = 1 } = bounds;
  const [typed, setTyped] = useTyped<number | undefined>(value);
  const fits = (number: number | undefined): number is number => isIn(number, least, most) && (step === "any" || number % step === 0);
  const inWords = (number: number): string => `${number}${unit}`;
  const wanted = `a ${step === "any" ? "" : "whole "}number from ${least} ${most === undefined ? "on" : `to ${most}`}`;
  const said = typed === undefined ? "No number is written" : `${inWords(typed)} is not taken`;
  const isTaken = typed === value || fits(typed);
  const wrong = { path: "", message: `${said}; write ${wanted}. Until then, ${inWords(value)} stays in force.` };
  return (
    <Field label={label} hint={hint} problems={isTaken ? problems : [wrong]}>
      {(control) => (
        <NumberControl control={control} value={value} {...bounds} onTyped={setTyped} onNumber={(number) => fits(number) && onNumber(number)} />
      )}
    </Field>
  );
}

function Choice({ name, label, checked, onChoose }: { name: string; label: string; checked: boolean; onChoose: () => void }): JSX.Element {
  return (
    <label class="choice">
      <input type="radio" name={name} checked={checked} onChange={onChoose} />
      {label}
    </label>
  );
}
