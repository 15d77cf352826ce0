/** CSV as the engine reads it: RFC 4180, lines that end with CR, LF or both, and rows without a cell skipped. */

/** A row as it stands in the text, from its first character to the end of its last cell. */
export interface Row {
  from: number;
  to: number;
  line: number;
  cells: Cell[];
  /** Whether its quotes are closed, with nothing behind them but a comma or the end of the row. */
  sound: boolean;
}

interface Cell {
  from: number;
  to: number;
}

const QUOTE = 34;
const COMMA = 44;
const CR = 13;
const LF = 10;

/** Tell `visit` each row that has cells, the header first, until it answers false. */
export function eachRow(text: string, visit: (row: Row) => boolean | void): void {
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const row: Row = { from: at, to: at, line, cells: [], sound: true };
    at = readRow(text, row);
    line += linesIn(text, row.from, at);
    if (row.to > row.from && visit(row) === false) return;
  }
}

/** Fill in a row; where the next one begins. */
function readRow(text: string, row: Row): number {
  for (let at = row.from; ; at++) {
    const end = cellEnd(text, at, row);
    row.cells.push({ from: at, to: end });
    at = end;
    if (text.charCodeAt(at) === COMMA) continue;
    row.to = at;
    return text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
  }
}

function cellEnd(text: string, from: number, row: Row): number {
  let at = from;
  if (text.charCodeAt(at) === QUOTE) {
    for (at++; ; at += 2) {
      at = text.indexOf('"', at);
      if (at < 0) {
        row.sound = false;
        return text.length;
      }
      if (text.charCodeAt(at + 1) !== QUOTE) break;
    }
    at++;
    row.sound &&= at >= text.length || isEnd(text.charCodeAt(at));
  }
  while (at < text.length && !isEnd(text.charCodeAt(at))) at++;
  return at;
}

function isEnd(code: number): boolean {
  return code === COMMA || code === CR || code === LF;
}

function linesIn(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) lines++;
  }
  return lines;
}

/** What a cell says. */
function unquoted(raw: string): string {
  return raw.startsWith('"') ? raw.slice(1, raw.endsWith('"') ? -1 : undefined).replaceAll('""', '"') : raw;
}

/** A text as a cell. */
export function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function cellsOf(text: string, row: Row): string[] {
  return row.cells.map((cell) => unquoted(text.slice(cell.from, cell.to)));
}
