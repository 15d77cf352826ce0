/** Outcomes of dials: their words, and marks that differ in shape as well as in colour. */

const WORDS: Record<string, string> = {
  answered: "answered",
  noAnswer: "no answer",
  busy: "busy",
  failed: "failed",
  nonexistentNumber: "no such number",
};

export function outcomeWords(outcome: string): string {
  return WORDS[outcome] ?? outcome;
}

interface Props {
  outcome: string;
  x: number;
  y: number;
}

const SHAPES: Record<string, string> = {
  answered: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z",
  noAnswer: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z",
  busy: "M-5-5H5V5H-5Z",
  failed: "M-5-5L5 5M5-5L-5 5",
  nonexistentNumber: "M0-6.5L6.5 0L0 6.5L-6.5 0Z",
};
const OTHER = "M0-6L6 5H-6Z";
/** Those that are drawn as lines alone. */
const HOLLOW = new Set(["noAnswer", "failed"]);

export function OutcomeMark({ outcome, x, y }: Props) {
  const colour = Object.hasOwn(SHAPES, outcome) ? `var(--${outcome})` : "var(--ink)";
  const d = SHAPES[outcome] ?? OTHER;
  return (
    <g transform={`translate(${x} ${y})`}>
      <path class="outcome-halo" d={d} />
      <path class="outcome-mark" d={d} style={{ stroke: colour, fill: HOLLOW.has(outcome) ? "none" : colour }} />
    </g>
  );
}

/** The mark with its words, among text. */
export function OutcomeTold({ outcome }: { outcome: string }) {
  return (
    <span class="outcome-told">
      <svg width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true"><OutcomeMark outcome={outcome} x={0} y={0} /></svg>
      {outcomeWords(outcome)}
    </span>
  );
}
