/** Where a key of a TOML file is: found line by line, without reading the file. */

import type { Step } from "./json";

const NAME = String.raw`(?:[\w-]+|"[^"]*"|'[^']*')`;
const DOTTED = String.raw`${NAME}(?:[ \t]*\.[ \t]*${NAME})*`;
const HEADER = new RegExp(String.raw`^[ \t]*\[(\[?)[ \t]*(${DOTTED})[ \t]*\]`);
const KEY = new RegExp(String.raw`^[ \t]*(${DOTTED})[ \t]*=`);

interface Found {
  from: number;
  to: number;
  depth: number;
}

/** The line on which the key of a path stands, or the nearest table around it; null if there is none. */
export function placeInToml(text: string, steps: readonly Step[]): { from: number; to: number } | null {
  let best: Found | null = null;
  let table: Step[] = [];
  const counts = new Map<string, number>();
  let from = 0;
  for (const line of text.split("\n")) {
    const header = HEADER.exec(line);
    const key = header ? null : KEY.exec(line);
    if (header) {
      table = namesOf(header[2]!);
      if (header[1]) {
        const index = counts.get(header[2]!) ?? 0;
        counts.set(header[2]!, index + 1);
        table.push(index);
      }
    }
    const here = header ? table : key ? [...table, ...namesOf(key[1]!)] : null;
    if (here && here.length > (best?.depth ?? 0) && here.every((step, place) => step === steps[place])) {
      const start = from + line.length - line.trimStart().length;
      best = { from: start, to: from + line.trimEnd().length, depth: here.length };
    }
    from += line.length + 1;
  }
  return best && { from: best.from, to: best.to };
}

function namesOf(dotted: string): string[] {
  return [...dotted.matchAll(new RegExp(NAME, "g"))].map(([name]) => name.replace(/^["']|["']$/g, ""));
}
