/** What a preview is made of: the texts and settings that a person hands in and changes. */

import { computed, signal } from "@preact/signals";
import { Trouble } from "./trouble";

/** The numbers: none yet, a text that is edited, or a file that is too long to be. */
export type Numbers =
  | { kind: "none" }
  | { kind: "text"; name: string; text: string }
  | { kind: "file"; name: string; file: Blob; head: string };

export interface Setup {
  numbers: Numbers;
  /** The text of a campaign file. */
  campaign: string;
  now: string | null;
  until: string | null;
  /** The text of a script or a model of outcomes; null: nobody answers. */
  outcomes: string | null;
  seed: number;
  /** Whether it is the page's example, or what was made of it. */
  ofExample: boolean;
}

/** Longer texts stay files: an editor that holds them would be slow to type in. */
const MAX_EDITED = 1_500_000;

const HEAD_BYTES = 4_000;

export const NO_CAMPAIGN = "{}";
export const EMPTY: Setup = { numbers: { kind: "none" }, campaign: NO_CAMPAIGN, now: null, until: null, outcomes: null, seed: 0, ofExample: false };

export const setup = signal<Setup>(EMPTY);

/** Whether there is anything to preview. */
export const isEmpty = computed(() => setup.value.numbers.kind === "none");

export function change(parts: Partial<Setup>): void {
  setup.value = { ...setup.value, ...parts };
}

export function changeNumbers(text: string): void {
  const { numbers } = setup.value;
  change({ numbers: { kind: "text", name: numbers.kind === "none" ? "" : numbers.name, text } });
}

/** The bytes of a file. Throws a Trouble for what cannot be read, such as a folder. */
export async function bytesOf(blob: Blob, name: string): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new Trouble(`${name || "This"} cannot be read. If it is no folder and is still where it was, drop it again.`);
  }
}

/** The text of a file, without the mark of its byte order. Throws a Trouble for what is not UTF-8. */
export async function textOf(blob: Blob, name: string): Promise<string> {
  const bytes = await bytesOf(blob, name);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Trouble(`${name || "This"} is not UTF-8. Save it as UTF-8 (in a spreadsheet: “CSV UTF-8”), and drop it again.`);
  }
}

/** A text of numbers, edited if it is short enough. */
export async function numbersOf(blob: Blob, name: string): Promise<Numbers> {
  if (blob.size <= MAX_EDITED) return { kind: "text", name, text: await textOf(blob, name) };
  return { kind: "file", name, file: blob, head: await blob.slice(0, HEAD_BYTES).text() };
}
