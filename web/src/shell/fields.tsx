/** Fields of a form: a label, the control, what it means when nothing is set, and what is wrong with it. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Problem } from "../contract";
import { useTyped } from "./useTyped";

/** A problem, or a warning: what is taken, and should perhaps be otherwise. */
export interface Told extends Pick<Problem, "path" | "message"> {
  isWarning?: boolean;
}

/** What ties a control to its label and its remarks. */
interface Control {
  id?: string;
  "aria-label"?: string;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean | undefined;
}

export interface FrameProps {
  label: string;
  hint?: string | undefined;
  own?: string;
  problems: readonly Told[];
  /** Offered where something is set: takes it out. */
  unset?: { words: string; act: () => void } | undefined;
  children: (control: Control) => ComponentChildren;
}

export function Field({ label, hint, own, problems, unset, children }: FrameProps) {
  const id = useId();
  const remarks = `${id}-remarks`;
  const described = hint || own || problems.length ? remarks : undefined;
  return (
    <div class="entry">
      <label for={id}>{label}</label>
      <div class="entry-row">
        {children({
          id,
          "aria-describedby": described,
          "aria-invalid": problems.some(({ isWarning }) => !isWarning) || undefined,
        })}
        {unset && (
          <button type="button" onClick={unset.act}>
            {unset.words}
          </button>
        )}
      </div>
      <FieldRemarks id={remarks} hint={hint} own={own} problems={problems} />
    </div>
  );
}

interface GroupProps extends Omit<FrameProps, "children"> {
  wide?: boolean;
  children: ComponentChildren;
}

/** Several controls that belong together. */
export function Group({ label, hint, own, problems, unset, wide, children }: GroupProps) {
  const id = useId();
  const described = hint || own || problems.length ? id : undefined;
  return (
    <fieldset class={wide ? "entry wide" : "entry"} aria-describedby={described}>
      <legend>{label}</legend>
      {children}
      {unset && (
        <button type="button" onClick={unset.act}>
          {unset.words}
        </button>
      )}
      <FieldRemarks id={id} hint={hint} own={own} problems={problems} />
    </fieldset>
  );
}

interface RemarksProps {
  id: string;
  hint?: string | undefined;
  own?: string | undefined;
  problems: readonly Told[];
}

export function FieldRemarks({ id, hint, own, problems }: RemarksProps) {
  if (!hint && !own && !problems.length) return null;
  return (
    <div class="remarks" id={id}>
      {problems.map((problem) => (
        <p class={problem.isWarning ? "warned" : "wrong"} key={problem.path + problem.message}>
          {problem.message}
        </p>
      ))}
      {hint && <p class="hint">{hint}</p>}
      {own && <p class="hint">{own}</p>}
    </div>
  );
}

interface TextControlProps {
  control: Control;
  value: unknown;
  onText: (text: string | undefined) => void;
  placeholder?: string;
  list?: string;
}

/** A text that is taken when the field is left, or at Enter; an empty one is not set. */
export function TextControl({ control, value, onText, placeholder, list }: TextControlProps) {
  const shown = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const [typed, setTyped] = useTyped(shown);
  // What the field holds, since what was typed last may not be drawn yet.
  const take = ({ currentTarget: { value: text } }: { currentTarget: HTMLInputElement }): void => {
    if (text !== shown) onText(text || undefined);
  };
  return (
    <input
      {...control}
      type="text"
      value={typed}
      placeholder={placeholder}
      list={list}
      spellcheck={false}
      autocomplete="off"
      onInput={(event) => setTyped(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => void (event.key === "Enter" && take(event))}
    />
  );
}

interface NumberControlProps {
  control: Control;
  value: unknown;
  onNumber: (value: number | undefined) => void;
  /** Told at each change of the text what it says, also if that is no number, or the one that is set. */
  onTyped?: (value: number | undefined) => void;
  least: number;
  most?: number;
  step?: number | "any";
  placeholder?: string;
}

/** A number, taken as it is typed. What is set and is no number shows as a text behind the field. */
export function NumberControl({
  control,
  value,
  onNumber,
  onTyped,
  least,
  most,
  step = 1,
  placeholder,
}: NumberControlProps) {
  const number = typeof value === "number" ? value : undefined;
  const [typed, setTyped] = useTyped(number?.toString() ?? "", (text) => numberOf(text) === number);
  return (
    <>
      <input
        {...control}
        type="number"
        inputMode={step === 1 ? "numeric" : "decimal"}
        value={typed}
        min={least}
        max={most}
        step={step}
        placeholder={placeholder}
        onInput={(event) => {
          const { value: text, validity } = event.currentTarget;
          setTyped(text);
          onTyped?.(numberOf(text));
          if (!validity.badInput && numberOf(text) !== number) onNumber(numberOf(text));
        }}
      />
      {value !== undefined && number === undefined && <code class="not-a-number">{JSON.stringify(value)}</code>}
    </>
  );
}

function numberOf(text: string): number | undefined {
  const number = Number(text);
  return text.trim() === "" || !Number.isFinite(number) ? undefined : number;
}
