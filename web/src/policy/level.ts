/** One level of a policy as a form sees it: what it sets, how that is changed, and what is wrong with it. */

import type { Problem } from "../contract";
import { count } from "../format";
import { isObject, parsed, withValue } from "../input/json";
import { isAbout } from "../input/places";
import type { NumberRead } from "../input/request";
import type { Told } from "../shell/fields";

export interface Level {
  /** Whether what it says can be read. */
  known: boolean;
  /** What is set under a path of names; undefined for nothing, and for null. */
  value: (...path: string[]) => unknown;
  /** Set values, all at once; undefined takes one out. */
  set: (...changes: [path: string[], value: unknown][]) => void;
  problems: (...path: string[]) => Told[];
  /** How many numbers set a field themselves, in words; empty if none does. */
  own: (field: string) => string;
}

/** The value of a campaign text, or why it is none that a form can change. */
export function campaignOf(
  text: string,
): { data: Record<string, unknown>; wrong: null } | { data: null; wrong: string } {
  const bare = text.replace(/^\uFEFF/, "");
  if (bare.trim() === "") return { data: {}, wrong: null };
  const { value, wrong } = parsed(bare);
  if (isObject(value)) return { data: value, wrong: null };
  return { data: null, wrong: wrong ?? 'it is no object; write { … }, such as {"maxSimultaneousCalls": 20}' };
}

/** The first zone that is named, or UTC. */
export function zoneOf(...named: unknown[]): string {
  return named.find((each) => typeof each === "string") ?? "UTC";
}

/** TOML is whatever does not begin as JSON. */
export function isToml(text: string): boolean {
  return !/^\uFEFF?\s*(\{|\[\{|$)/.test(text);
}

export interface Surroundings {
  problems: readonly Problem[];
  warnings?: readonly Problem[];
  own: Readonly<Record<string, number>>;
  numbers: number;
}

export function campaignLevel(
  text: string,
  data: Record<string, unknown> | null,
  onText: (text: string) => void,
  around: Surroundings,
): Level {
  const { own, numbers } = around;
  return {
    known: data !== null,
    value: (...path) => path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), data) ?? undefined,
    set: (...changes) => onText(changes.reduce((changed, [path, value]) => withValue(changed, path, value), text)),
    problems: (...path) => toldAbout(around, "campaign", `$.${path.join(".")}`),
    own: (field) => (own[field] ? `${count(own[field])} of ${count(numbers)} numbers set this themselves.` : ""),
  };
}

/** The fields of one number; a path is that of the campaign, of which the last name counts. */
export function numberLevel(
  number: NumberRead,
  onNumber: (field: string, value: unknown) => void,
  around: Surroundings,
): Level {
  return {
    known: true,
    value: (...path) => number.fields[path.at(-1)!] ?? undefined,
    set: (...changes) => changes.forEach(([path, value]) => onNumber(path.at(-1)!, value)),
    problems: (...path) => toldAbout(around, "request", `$[${number.index}].${path.at(-1)}`),
    own: () => "",
  };
}

function toldAbout({ problems, warnings = [] }: Surroundings, text: Problem["in"], path: string): Told[] {
  const here = (each: Problem): boolean => each.in === text && isAbout(each, path);
  return [...problems.filter(here), ...warnings.filter(here).map((each) => ({ ...each, isWarning: true }))];
}
