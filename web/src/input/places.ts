/** From what a problem says of its place to the characters that it is about. */

import type { Node } from "jsonc-parser";
import type { Problem } from "../contract";
import { cellsOf, eachRow, type Row } from "./csv";
import { type Item, itemsAt } from "./items";
import { propertyOf, type Step, treeOf } from "./json";
import { type Language, lineOf, linesOf, type Mark } from "./marks";
import { placeInToml } from "./toml";

export interface Place {
  from: number;
  to: number;
}

const STEP = /\.([A-Za-z_]\w*)|\[(\d+)\]|\["(.*?)"\]/gy;

/** The steps of a JSON path such as `$[3].allowedTime.mon[0]` or `$.phones["7.9"]`. */
export function stepsOf(path: string): Step[] {
  return [...path.slice(1).matchAll(STEP)].map(([, name, index, quoted]) => name ?? quoted ?? Number(index));
}

/** Problems as marks in the text that they are about. */
export function marksOf(
  problems: readonly Problem[],
  text: string,
  language: Language,
  severity: Mark["severity"] = "error",
): Mark[] {
  const find = finderOf(problems, text, language);
  const lines = linesOf(text);
  return problems.map((problem) => {
    const { from, to } = find(problem) ?? spanOfLine(text, lines, problem.line ?? 1);
    const message = problem.message.replace(/^line \d+: /, "");
    return { from, to: Math.min(Math.max(to, from + 1), text.length), line: lineOf(lines, from), message, severity };
  });
}

function finderOf(problems: readonly Problem[], text: string, language: Language): (problem: Problem) => Place | null {
  if (language === "toml") return ({ path, message }) => toldIn(message, text) ?? placeInToml(text, stepsOf(path));
  const steps = new Map(problems.map((problem) => [problem, stepsOf(problem.path)]));
  const indices = new Set([...steps.values()].map(([index]) => index).filter((index) => typeof index === "number"));
  if (language === "csv") {
    const rows = rowsAt(text, indices);
    return (problem) => placeInTable(rows, steps.get(problem)!);
  }
  const list = language === "ndjson" || /^\uFEFF?[ \t\r\n]*\[/.test(text);
  const find = list ? finderInItems(text, itemsAt(text, language, indices)) : finderInWhole(text);
  return (problem) => find(problem, steps.get(problem)!) ?? toldIn(problem.message, text);
}

type Finder = (problem: Problem, steps: readonly Step[]) => Place | null;

function finderInItems(text: string, items: Map<number, Item>): Finder {
  const trees = new Map<number, Node | undefined>();
  return (problem, [index, ...steps]) => {
    const item = items.get(index as number);
    if (!item) return null;
    if (!trees.has(item.index)) trees.set(item.index, treeOf(text.slice(item.from, item.to)));
    const tree = trees.get(item.index);
    const told = steps.length ? null : toldIn(problem.message, text.slice(item.from, item.to));
    const place = told ?? (tree ? placeInTree(tree, steps) : { from: 0, to: item.to - item.from });
    return { from: item.from + place.from, to: item.from + place.to };
  };
}

function finderInWhole(text: string): Finder {
  let tree: Node | undefined;
  return (problem, steps) => {
    if (!steps.length && toldIn(problem.message, text)) return null;
    tree ??= treeOf(text);
    return tree ? placeInTree(tree, steps) : null;
  };
}

/** The value at a path; where there is none, the opening of the nearest that should hold it. */
export function placeInTree(root: Node, steps: readonly Step[]): Place {
  let node = root;
  for (const step of steps) {
    const next = typeof step === "number" ? itemOf(node, step) : propertyOf(node, step)?.children?.[1];
    if (!next) break;
    node = next;
  }
  const whole = node.type !== "object" && node.type !== "array";
  return { from: node.offset, to: node.offset + (whole ? node.length : 1) };
}

function itemOf(node: Node, index: number): Node | undefined {
  return node.type === "array" ? node.children?.[index] : undefined;
}

function rowsAt(text: string, indices: ReadonlySet<number>): { header: string[]; rows: Map<number, Row> } {
  const found = { header: [] as string[], rows: new Map<number, Row>() };
  const last = Math.max(-1, ...indices);
  let index = -1;
  eachRow(text, (row) => {
    if (index < 0) found.header = cellsOf(text, row);
    else if (indices.has(index)) found.rows.set(index, row);
    return index++ < last;
  });
  return found;
}

function placeInTable(table: ReturnType<typeof rowsAt>, [index, column]: readonly Step[]): Place | null {
  const row = table.rows.get(index as number);
  return row ? (row.cells[table.header.indexOf(String(column))] ?? row) : null;
}

/** The place that a message tells: `(byte 12)`, or `(at line 3, column 5)`. */
function toldIn(message: string, text: string): Place | null {
  const byte = /\(byte (\d+)\)/.exec(message)?.[1];
  if (byte) {
    const bytes = new TextEncoder().encode(text).subarray(0, Number(byte));
    const from = Math.min(new TextDecoder().decode(bytes).length, Math.max(text.length - 1, 0));
    return { from, to: from + 1 };
  }
  const [, line, column] = /\(at line (\d+), column (\d+)\)/.exec(message) ?? [];
  if (!line) return null;
  const from = (linesOf(text)[Number(line) - 1] ?? 0) + Number(column) - 1;
  return { from: Math.min(from, Math.max(text.length - 1, 0)), to: from + 1 };
}

function spanOfLine(text: string, lines: readonly number[], line: number): Place {
  const from = lines[line - 1] ?? lines.at(-1)!;
  const end = lines[line] ?? text.length;
  return { from, to: from + text.slice(from, end).trimEnd().length };
}

/** Whether a problem is about the value at a path, or about something inside it. */
export function isAbout(problem: Problem, path: string): boolean {
  const rest = problem.path.startsWith(path) ? problem.path.slice(path.length) : "no";
  return rest === "" || rest.startsWith(".") || rest.startsWith("[");
}
