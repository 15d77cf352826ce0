/** What is wrong at a place in a text, as the editor shows it. */

export type Language = "json" | "toml" | "csv" | "ndjson";

/** Characters [from, to) of the text; `line` counts from 1. */
export interface Mark {
  from: number;
  to: number;
  line: number;
  message: string;
  severity: "error" | "warning";
}

/** Where each line begins. Lines end with CR, LF or both. */
export function linesOf(text: string): number[] {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
  }
  return starts;
}

/** The line of a character, from 1 on. */
export function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
