/** JSON text that stays as it was written, save for the value that is changed. */

import { type Node, parseTree } from "jsonc-parser";

export type Step = string | number;

const STRICT = { disallowComments: true, allowTrailingComma: false };
const WIDTH = 100;

/** What can be read of a text, also of a broken one. */
export function treeOf(text: string): Node | undefined {
  return parseTree(text, [], STRICT);
}

/** The value of a text, or what is wrong with it. */
export function parsed(text: string): { value: unknown; wrong: null } | { value: undefined; wrong: string } {
  try {
    return { value: JSON.parse(text), wrong: null };
  } catch (error) {
    return { value: undefined, wrong: error instanceof Error ? error.message : String(error) };
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The property of a name; of several the last, which is the one that counts. */
export function propertyOf(object: Node, name: string): Node | undefined {
  if (object.type !== "object") return undefined;
  return object.children?.findLast((property) => property.children?.[0]?.value === name);
}

/** The value under a name. */
function memberOf(object: Node, name: string): Node | undefined {
  return propertyOf(object, name)?.children?.[1];
}

interface Layout {
  unit: string;
  newLine: string;
  oneLine: boolean;
}

/**
 * The text of an object with the value at a path set, or without it where `value` is undefined. Objects on the way are
 * made, and left out again when their last value goes. With `oneLine` nothing that is added has a line break.
 */
export function withValue(text: string, path: readonly string[], value: unknown, oneLine = false): string {
  if (text.startsWith("\uFEFF")) return `\uFEFF${withValue(text.slice(1), path, value, oneLine)}`;
  const whole = text.trim() === "" ? "{}" : text;
  let holder = treeOf(whole);
  if (!holder || holder.type !== "object") return text;
  const unit = /\n([ \t]+)\S/.exec(whole)?.[1] ?? "  ";
  const layout: Layout = { unit, newLine: whole.includes("\r\n") ? "\r\n" : "\n", oneLine };
  let depth = 0;
  for (; depth < path.length - 1; depth++) {
    const inner: Node | undefined = memberOf(holder, path[depth]!);
    if (inner?.type !== "object") break;
    holder = inner;
  }
  const name = path[depth]!;
  if (value === undefined) {
    if (depth < path.length - 1 || !propertyOf(holder, name)) return text;
    return without(whole, path, holder);
  }
  const made = path.slice(depth + 1).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return set(whole, holder, name, made, layout);
}

function set(text: string, holder: Node, name: string, value: unknown, layout: Layout): string {
  const there = memberOf(holder, name);
  if (there) {
    return spliced(
      text,
      there.offset,
      there.offset + there.length,
      printed(value, indentAt(text, there.offset), layout),
    );
  }
  const last = holder.children?.at(-1);
  const key = `${JSON.stringify(name)}: `;
  if (last) {
    const end = last.offset + last.length;
    const broken = !layout.oneLine && text.slice(holder.offset, holder.children![0]!.offset).includes("\n");
    const indent = indentAt(text, last.offset);
    const before = broken ? `,${layout.newLine}${indent}` : ", ";
    return spliced(text, end, end, before + key + printed(value, indent, { ...layout, oneLine: !broken }));
  }
  const outer = indentAt(text, holder.offset);
  const indent = outer + layout.unit;
  const inside = layout.oneLine
    ? key + inline(value)
    : `${layout.newLine}${indent}${key}${printed(value, indent, layout)}${layout.newLine}${outer}`;
  return spliced(text, holder.offset + 1, holder.offset + holder.length - 1, inside);
}

/** Without every property of the name that `path` ends with, and without the objects that are empty for it. */
function without(text: string, path: readonly string[], holder: Node): string {
  const name = path.at(-1)!;
  let changed = text;
  let object: Node | undefined = holder;
  for (;;) {
    const property: Node | undefined = object && propertyOf(object, name);
    if (!object || !property) break;
    changed = spliced(changed, ...spanWithComma(object, property), "");
    object = path.slice(0, -1).reduce<Node | undefined>((at, key) => at && memberOf(at, key), treeOf(changed));
  }
  const emptied = object?.type === "object" && !object.children?.length;
  return emptied && path.length > 1 ? withValue(changed, path.slice(0, -1), undefined) : changed;
}

/** What goes with a property, so that the rest is an object still. */
export function spanWithComma(object: Node, property: Node): [from: number, to: number] {
  const properties = object.children!;
  const place = properties.indexOf(property);
  const next = properties[place + 1];
  if (next) return [property.offset, next.offset];
  const before = properties[place - 1];
  if (before) return [before.offset + before.length, property.offset + property.length];
  return [object.offset + 1, object.offset + object.length - 1];
}

export function spliced(text: string, from: number, to: number, instead: string): string {
  return text.slice(0, from) + instead + text.slice(to);
}

function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))![0];
}

/** On one line where it fits, otherwise each value on its own. */
function printed(value: unknown, indent: string, layout: Layout): string {
  const line = inline(value);
  if (layout.oneLine || indent.length + line.length <= WIDTH || typeof value !== "object" || value === null)
    return line;
  const inner = indent + layout.unit;
  const parts = Array.isArray(value)
    ? value.map((item) => printed(item, inner, layout))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${printed(item, inner, layout)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}${layout.newLine}${inner}${parts.join(`,${layout.newLine}${inner}`)}${layout.newLine}${indent}${close}`;
}

/** JSON on one line, with a blank behind commas and colons. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${inline(member)}`).join(", ")}}`;
}
