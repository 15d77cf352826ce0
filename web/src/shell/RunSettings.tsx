import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { Problem } from "../contract";
import type { Setup } from "../setup";

interface Props {
  setup: Setup;
  onChange: (parts: Partial<Setup>) => void;
  problems: Problem[];
}

const DEFAULT_ANSWERED = 0.3;
const DEFAULT_TALK_S = 60;

/** From when to when a preview goes, and who answers in it. */
export function RunSettings({ setup, onChange, problems }: Props): JSX.Element {
  const wrong = (path: string): string | undefined => problems.find((problem) => problem.path === path)?.message;
  return (
    <div class="run-settings">
      <TextField
        name="Begins"
        value={setup.now ?? ""}
        hint="An instant such as 2026-03-02T09:00:00Z. Empty: when it is run."
        wrong={wrong("$.now")}
        onChange={(text) => onChange({ now: text || null })}
      />
      <TextField
        name="Stops"
        value={setup.until ?? ""}
        hint="Empty: after 366 days, or when all is done."
        wrong={wrong("$.until")}
        onChange={(text) => onChange({ until: text || null })}
      />
      <Answers outcomes={setup.outcomes} onChange={(outcomes) => onChange({ outcomes })} problems={problems.filter((each) => each.in === "outcomes")} />
      {setup.outcomes !== null && (
        <NumberField
          name="Seed"
          value={setup.seed}
          min={0}
          hint="The same seed gives the same luck."
          onChange={(seed) => onChange({ seed })}
        />
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
    return plain && typeof answered === "number" && typeof talk === "number" ? { answered, talk } : null;
  } catch {
    return null;
  }
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
  const choose = (next: typeof kind): void => {
    setOwn(next === "own");
    const kept = next === "own" ? outcomes : null;
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
      {simple && kind === "share" && (
        <div class="pair">
          <NumberField name="Answered, %" value={Math.round(simple.answered * 1000) / 10} min={0} max={100} step={0.1} onChange={(percent) => onChange(modelText(percent / 100, simple.talk))} />
          <NumberField name="Talk on average, s" value={simple.talk} min={1} onChange={(talk) => onChange(modelText(simple.answered, talk))} />
        </div>
      )}
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
      <ul id={`${id}-wrong`} class="field-problems">
        {problems.map((problem, place) => <li key={place}><code>{problem.path}</code> {problem.message}</li>)}
      </ul>
    </fieldset>
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

interface TextProps {
  name: string;
  value: string;
  hint: string;
  wrong: string | undefined;
  onChange: (text: string) => void;
}

function TextField({ name, value, hint, wrong, onChange }: TextProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <input
        id={id}
        type="text"
        spellcheck={false}
        autocomplete="off"
        value={value}
        aria-invalid={wrong !== undefined}
        aria-describedby={`${id}-hint`}
        onInput={(event) => onChange(event.currentTarget.value.trim())}
      />
      <p id={`${id}-hint`} class={wrong ? "wrong" : "hint"}>{wrong ?? hint}</p>
    </div>
  );
}

interface NumberProps {
  name: string;
  value: number | null;
  min: number;
  max?: number;
  step?: number;
  hint?: string;
  onChange: (value: number) => void;
}

/** A number; what is none is not passed on. */
export function NumberField({ name, value, min, max, step, hint, onChange }: NumberProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        value={value ?? ""}
        min={min}
        {...(max === undefined ? {} : { max })}
        step={step ?? 1}
        {...(hint ? { "aria-describedby": `${id}-hint` } : {})}
        onInput={(event) => {
          const { valueAsNumber, validity } = event.currentTarget;
          if (validity.valid && !Number.isNaN(valueAsNumber)) onChange(valueAsNumber);
        }}
      />
      {hint && <p id={`${id}-hint`} class="hint">{hint}</p>}
    </div>
  );
}
