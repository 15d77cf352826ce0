/** A link that holds the whole state, payloads aside: in its fragment, which no browser sends to a server. */

import type { Order, Override, Show } from "./contract";
import { isObject } from "./input/json";
import { withoutPayloads } from "./input/request";
import { ALL, type Listing } from "./numbers/listing";
import { fromBase64, squeezed, toBase64, unpacked } from "./packing";
import { DAYS } from "./policy/week";
import { NO_CAMPAIGN, type Setup } from "./setup";
import type { Span } from "./timeline/spans";
import { Trouble } from "./trouble";
import type { WhatIf } from "./what_if";

const VERSION = 1;
const PREFIX = "#s=";
/** Longer links are cut by programs through which they are passed on. */
const MAX_LINK = 30_000;
const MAX_STATE = 8_000_000;

/** The number that is explained, and the moment of it that was asked about; its phone, once it is known. */
export interface Chosen {
  job: number;
  phone: string | null;
  atMs: number | null;
}

/** What is looked at. */
export interface View {
  tab: string;
  zone: string | null;
  span: Span | null;
  chosen: Chosen | null;
  listing: Listing;
  whatIf: WhatIf | null;
}

export interface Shared {
  setup: Setup;
  view: View;
}

/** The fragment of a link, and whether the numbers are in it. */
export async function fragmentOf(shared: Shared): Promise<{ fragment: string; numbers: boolean }> {
  const { numbers } = shared.setup;
  if (numbers.kind === "text") {
    const text = withoutPayloads(numbers.text);
    const fragment = text === null ? null : await packed(shared, { name: numbers.name, text });
    if (fragment !== null && fragment.length <= MAX_LINK) return { fragment, numbers: true };
  }
  return { fragment: await packed(shared, null), numbers: false };
}

async function packed({ setup, view }: Shared, numbers: { name: string; text: string } | null): Promise<string> {
  const state = JSON.stringify({ version: VERSION, setup: { ...setup, numbers }, view });
  return PREFIX + toBase64(await squeezed(state));
}

/** What a fragment holds: null if it holds no state. Throws a Trouble for one that is damaged. */
export async function sharedOf(fragment: string): Promise<Shared | null> {
  if (!fragment.startsWith(PREFIX)) return null;
  let state: unknown;
  try {
    state = JSON.parse(await unpacked(fromBase64(fragment.slice(PREFIX.length)), "deflate-raw", MAX_STATE));
  } catch {
    throw new Trouble("This link is damaged: it was cut, or changed on its way. Ask for it again.");
  }
  const shared = checked(state);
  if (!shared) throw new Trouble("This link was made by another version of the page. Ask for a new one.");
  return shared;
}

// A link may come from anybody, so every value of it is looked at, and what is not as it should be is left out.

function checked(state: unknown): Shared | null {
  if (!isObject(state) || state["version"] !== VERSION || !isObject(state["setup"])) return null;
  const view = isObject(state["view"]) ? state["view"] : {};
  return {
    setup: setupFrom(state["setup"]),
    view: {
      tab: textOf(view["tab"]) ?? "",
      zone: textOf(view["zone"]),
      span: spanOf(view["span"]),
      chosen: chosenOf(view["chosen"]),
      listing: listingOf(view["listing"]),
      whatIf: whatIfOf(view["whatIf"]),
    },
  };
}

/** A setup of which nobody knows who wrote it. */
export function setupFrom(value: Record<string, unknown>): Setup {
  const numbers = isObject(value["numbers"]) ? value["numbers"] : null;
  const text = textOf(numbers?.["text"]);
  return {
    numbers: text === null ? { kind: "none" } : { kind: "text", name: textOf(numbers?.["name"]) ?? "", text },
    campaign: textOf(value["campaign"]) ?? NO_CAMPAIGN,
    now: textOf(value["now"]),
    until: textOf(value["until"]),
    outcomes: textOf(value["outcomes"]),
    seed: wholeOf(value["seed"]) ?? 0,
    ofExample: value["ofExample"] === true,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function wholeOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : null;
}

function spanOf(value: unknown): Span | null {
  if (!Array.isArray(value)) return null;
  const [fromMs, untilMs] = value.map(wholeOf);
  return fromMs != null && untilMs != null && fromMs < untilMs ? [fromMs, untilMs] : null;
}

function chosenOf(value: unknown): View["chosen"] {
  const job = isObject(value) ? wholeOf(value["job"]) : null;
  return isObject(value) && job !== null && job >= 0 ? { job, phone: null, atMs: wholeOf(value["atMs"]) } : null;
}

const SHOWS: readonly string[] = ["all", "neverCallable", "notDialled", "notReached", "reached", "unfinished"] satisfies Show[];
const ORDERS: readonly string[] = ["job", "phone", "zone", "priority", "dials", "firstDial", "lastDial"] satisfies Order[];

function listingOf(value: unknown): Listing {
  if (!isObject(value)) return ALL;
  const [show, order] = [textOf(value["show"]) ?? "", textOf(value["order"]) ?? ""];
  return {
    show: SHOWS.includes(show) ? (show as Show) : ALL.show,
    zone: textOf(value["zone"]),
    priority: wholeOf(value["priority"]),
    phone: (textOf(value["phone"]) ?? "").replace(/\D/g, ""),
    order: ORDERS.includes(order) ? (order as Order) : ALL.order,
    descending: value["descending"] === true,
    ownClocks: value["ownClocks"] === true,
  };
}

function whatIfOf(value: unknown): WhatIf | null {
  if (!isObject(value)) return null;
  const given = isObject(value["override"]) ? value["override"] : {};
  const override: Override = {};
  const listed = given["allowedDays"];
  const days = Array.isArray(listed) ? DAYS.filter((day) => listed.includes(day)) : [];
  if (days.length) override.allowedDays = days;
  const retry = wholeOf(given["retryIntervalInMinutes"]);
  if (retry !== null) override.retryIntervalInMinutes = retry;
  const attempts = wholeOf(given["maxAttempts"]);
  if (attempts !== null) override.maxAttempts = attempts;
  const lines = value["lines"] === "unlimited" ? "unlimited" : wholeOf(value["lines"]);
  return { lines, override };
}
