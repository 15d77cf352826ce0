/** The numbers of a request as they stand in its text, in each of its formats; found without reading what they say. */

import { eachRow } from "./csv";

export type Format = "json" | "ndjson" | "csv";

const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const BLANKS = " \t\r\n\v\f";

/** One number: characters [from, to). */
export interface Item {
  index: number;
  from: number;
  to: number;
}

/** The format that the first character tells: `[` a JSON list, `{` NDJSON, anything else CSV. */
export function formatOf(text: string): Format {
  const first = /^\uFEFF?[ \t\r\n]*([^ \t\r\n])/.exec(text)?.[1];
  return first === "[" ? "json" : first === "{" ? "ndjson" : "csv";
}

/** Tell `visit` each number in turn, until it answers false. */
export function eachItem(text: string, format: Format, visit: (item: Item) => boolean | void): void {
  if (format === "json") eachOfList(text, visit);
  else if (format === "ndjson") eachLine(text, visit);
  else {
    let index = -1;
    eachRow(text, ({ from, to }) => (index++ < 0 ? true : visit({ index: index - 1, from, to })));
  }
}

/** Where the numbers with some indices stand. */
export function itemsAt(text: string, format: Format, indices: ReadonlySet<number>): Map<number, Item> {
  const found = new Map<number, Item>();
  if (indices.size) {
    const last = Math.max(...indices);
    eachItem(text, format, (item) => {
      if (indices.has(item.index)) found.set(item.index, item);
      return item.index < last;
    });
  }
  return found;
}

function eachOfList(text: string, visit: (item: Item) => boolean | void): void {
  const open = text.indexOf("[");
  let index = 0;
  let depth = 0;
  let from = open + 1;
  for (let at = open + 1; at <= text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (depth > 0 && (code === CLOSE_BRACE || code === CLOSE_BRACKET)) depth--;
    else if (at === text.length || (depth === 0 && (code === COMMA || code === CLOSE_BRACKET))) {
      const span = bare(text, from, at);
      if (span && visit({ index: index++, ...span }) === false) return;
      if (code !== COMMA) return;
      from = at + 1;
    }
  }
}

/** Behind the closing quote of the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let end = at + 1; ; end++) {
    end = text.indexOf('"', end);
    if (end < 0) return text.length;
    let before = end - 1;
    while (text[before] === "\\") before--;
    if ((end - before) % 2 === 1) return end + 1;
  }
}

function eachLine(text: string, visit: (item: Item) => boolean | void): void {
  let index = 0;
  for (let from = text.startsWith("\uFEFF") ? 1 : 0; from < text.length;) {
    const found = text.indexOf("\n", from);
    const end = found < 0 ? text.length : found;
    const span = bare(text, from, end);
    if (span && visit({ index: index++, ...span }) === false) return;
    from = end + 1;
  }
}

/** A span without the blanks around it; null if there is nothing else. JSON knows fewer blanks than `trim`. */
function bare(text: string, from: number, to: number): { from: number; to: number } | null {
  while (from < to && BLANKS.includes(text[from]!)) from++;
  while (from < to && BLANKS.includes(text[to - 1]!)) to--;
  return from < to ? { from, to } : null;
}
