/** The text of a request: how many numbers it has, the fields of one of them, and the text without payloads. */

import type { Node } from "jsonc-parser";
import { cellsOf, eachRow, quoted, type Row } from "./csv";
import { eachItem, formatOf, type Item, itemsAt } from "./items";
import { inline, isObject, parsed, spanWithComma, spliced, treeOf, withValue } from "./json";

export { type Format, formatOf } from "./items";

/** One number of a request, as its text has it. */
export interface NumberRead {
  index: number;
  phone: string;
  fields: Record<string, unknown>;
}

const COLUMNS = new Set([
  "phone",
  "payload",
  "gmtZone",
  "startDateTime",
  "finishDateTime",
  "allowedDays",
  "allowedTime",
  "localTimeFrom",
  "localTimeTo",
  "retryIntervalInMinutes",
  "maxAttempts",
  "dialerPriority",
  "externalCheck",
]);
const JSON_COLUMNS = new Set(["payload", "allowedDays", "allowedTime", "externalCheck"]);
const NUMBER_COLUMNS = new Set(["retryIntervalInMinutes", "maxAttempts", "dialerPriority"]);
const MAY_BE_PAYLOAD = /payload|\\u/i; // an escape may be a letter of the name
const PLAIN_NUMBER = /^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$/;

export function countNumbers(text: string): number {
  let count = 0;
  eachItem(text, formatOf(text), () => void count++);
  return count;
}

/** The number with an index; null if there is none, or if it cannot be read. */
export function numberAt(text: string, index: number): NumberRead | null {
  const format = formatOf(text);
  if (format === "csv") return numberInTable(text, index);
  const item = itemsAt(text, format, new Set([index])).get(index);
  const value = item && parsed(text.slice(item.from, item.to)).value;
  if (!isObject(value)) return null;
  const { phone, ...fields } = value;
  return { index, phone: typeof phone === "string" ? phone : "", fields };
}

function numberInTable(text: string, index: number): NumberRead | null {
  let names: string[] = [];
  let found: NumberRead | null = null;
  let at = -1;
  eachRow(text, (row) => {
    const cells = cellsOf(text, row);
    if (at < 0) names = cells;
    else if (at === index && row.sound && cells.length === names.length) found = numberOf(index, names, cells);
    return at++ < index;
  });
  return found;
}

function numberOf(index: number, names: string[], cells: string[]): NumberRead {
  const number: NumberRead = { index, phone: "", fields: {} };
  names.forEach((name, place) => {
    const cell = cells[place]!;
    if (name === "phone") number.phone = cell;
    else if (cell) number.fields[name] = cellValue(name, cell);
  });
  return number;
}

function cellValue(name: string, cell: string): unknown {
  if (!JSON_COLUMNS.has(name) && !(NUMBER_COLUMNS.has(name) && PLAIN_NUMBER.test(cell))) return cell;
  return parsed(cell).value ?? cell;
}

/** The text with a field of one number set, or not set where `value` is undefined; nothing else of it changes. */
export function withField(text: string, index: number, field: string, value: unknown): string {
  const format = formatOf(text);
  if (format === "csv") return withCell(text, index, field, value);
  const item = itemsAt(text, format, new Set([index])).get(index);
  if (!item) return text;
  const before = text.slice(item.from, item.to);
  const oneLine = format === "ndjson" || !before.includes("\n");
  return spliced(text, item.from, item.to, withValue(before, [field], value, oneLine));
}

function withCell(text: string, index: number, field: string, value: unknown): string {
  const cell = value === undefined ? "" : quoted(typeof value === "string" ? value : inline(value));
  const rows = rowsOf(text, index + 1);
  const [header, row] = [rows[0], rows[index + 1]];
  if (!header || !row) return text;
  const column = cellsOf(text, header).indexOf(field);
  const there = row.cells[column];
  if (there) return spliced(text, there.from, there.to, cell);
  if (column >= 0 || value === undefined) return text;
  let wider = "";
  let from = 0;
  rowsOf(text).forEach(({ to }, place) => {
    wider += `${text.slice(from, to)},${place === 0 ? field : place === index + 1 ? cell : ""}`;
    from = to;
  });
  return wider + text.slice(from);
}

function rowsOf(text: string, last = Number.POSITIVE_INFINITY): Row[] {
  const rows: Row[] = [];
  eachRow(text, (row) => rows.push(row) <= last);
  return rows;
}

/**
 * The text without any payload, for what is passed on; null where it cannot be told what is payload, because the text
 * is not sound.
 */
export function withoutPayloads(text: string): string | null {
  const format = formatOf(text);
  if (format === "csv") return tableWithoutPayloads(text);
  if (format === "json" && parsed(text.replace(/^\uFEFF/, "")).wrong !== null) return null;
  const items: Item[] = [];
  eachItem(text, format, (item) => void items.push(item));
  let kept = "";
  let from = 0;
  for (const item of items) {
    const bare = objectWithoutPayloads(text.slice(item.from, item.to));
    if (bare === null) return null;
    kept += text.slice(from, item.from) + bare;
    from = item.to;
  }
  return kept + text.slice(from);
}

function objectWithoutPayloads(text: string): string | null {
  if (parsed(text).wrong !== null) return null;
  try {
    let bare = text;
    while (MAY_BE_PAYLOAD.test(bare)) {
      const [holder, property] = payloadIn(treeOf(bare)) ?? [];
      if (!holder || !property) break;
      bare = spliced(bare, ...spanWithComma(holder, property), "");
    }
    return bare;
  } catch (error) {
    if (error instanceof RangeError) return null; // nested deeper than a tree is made
    throw error;
  }
}

/** A property of that name, at whatever depth and however its name is spelt. */
function payloadIn(node: Node | undefined): [holder: Node, property: Node] | null {
  for (const child of node?.children ?? []) {
    if (node!.type === "object" && isPayload(child.children?.[0]?.value)) return [node!, child];
    const found = payloadIn(child);
    if (found) return found;
  }
  return null;
}

function isPayload(name: unknown): boolean {
  return typeof name === "string" && name.trim().toLowerCase() === "payload";
}

function tableWithoutPayloads(text: string): string | null {
  const rows = rowsOf(text);
  const names = rows[0] ? cellsOf(text, rows[0]) : [];
  if (
    !names.every((name) => COLUMNS.has(name)) ||
    !rows.every((row) => row.sound && row.cells.length === names.length)
  ) {
    return null;
  }
  const column = names.indexOf("payload");
  if (column < 0 || names.lastIndexOf("payload") !== column) return column < 0 ? text : null;
  let kept = "";
  let from = 0;
  for (const row of rows) {
    const cells = row.cells.filter((_, place) => place !== column);
    kept += text.slice(from, row.from) + cells.map((cell) => text.slice(cell.from, cell.to)).join(",");
    from = row.to;
  }
  return kept + text.slice(from);
}
