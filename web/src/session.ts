/** What a person does with the page, and what it shows of it: the setup, two runs of it, and what is looked at. */

import { batch, effect, signal } from "@preact/signals";
import type { ExportFormat } from "./contract";
import { asJson, takenFrom } from "./incoming";
import { keep, kept } from "./keeping";
import { ALL, type Listing } from "./numbers/listing";
import { Runner } from "./runner";
import type { ServerSource } from "./server_source";
import { change, EMPTY, isEmpty, setup, type Numbers, type Setup } from "./setup";
import { type Chosen, fragmentOf, sharedOf, type View } from "./share";
import type { Span } from "./timeline/spans";
import { Forgotten, Trouble, messageOf } from "./trouble";
import { NOTHING_ELSE, setupOf, triesSomething, type WhatIf } from "./what_if";

const TYPING_MS = 350;

/** Something that is told once; `before` is a setup that it replaced, and that can be brought back. */
export interface Notice {
  words: string;
  wrong: boolean;
  before?: Setup;
}

export class Session {
  readonly runner: Runner;
  readonly whatIfRunner: Runner;
  readonly tab = signal("preview");
  readonly side = signal("policy");
  /** Which part a narrow screen shows. */
  readonly part = signal("result");
  /** The clock on which time is shown; null: the campaign's zone. */
  readonly zone = signal<string | null>(null);
  /** What is zoomed to; null: all of it. */
  readonly zoom = signal<Span | null>(null);
  readonly chosen = signal<Chosen | null>(null);
  readonly listing = signal<Listing>(ALL);
  /** Whether the form is that of the chosen number, not of the campaign. */
  readonly ofNumber = signal(false);
  readonly whatIf = signal<WhatIf>(NOTHING_ELSE);
  /** Something to be told once: a file that could not be taken, a link that was copied. */
  readonly notice = signal<Notice | null>(null);
  /** The setup that the address holds. */
  #linked: Setup | null = EMPTY;

  constructor(readonly server: ServerSource) {
    this.runner = new Runner(server);
    this.whatIfRunner = new Runner(server);
    if (!location.hash) setup.value = kept() ?? EMPTY;
    this.#linked = setup.peek(); // a link that is still to be opened stays in the address
    let previewed = EMPTY.numbers;
    effect(() => {
      const now = setup.value;
      // Another list of numbers is not typed, so it is shown at once.
      this.runner.soon(now, null, areTyped(now.numbers, previewed) ? TYPING_MS : 0);
      previewed = now.numbers;
    });
    effect(() => {
      const tried = this.whatIf.value;
      const shown = this.runner.shown.value;
      if (!shown || !triesSomething(tried)) this.whatIfRunner.clear();
      else if (this.tab.value === "whatIf") this.tryIt(TYPING_MS);
      else this.whatIfRunner.halt();
    });
    effect(() => {
      const now = setup.value;
      // A reload goes on with what was changed since the link was opened or made.
      if (now !== this.#linked && location.hash) history.replaceState(null, "", location.pathname);
      keep(now);
      // What was said of the setup before says nothing of this one.
      if (this.notice.peek()?.wrong === false) this.notice.value = null;
    });
  }

  /** Run what is tried beside what is shown, from the same beginning, unless it is there already. */
  tryIt(pauseMs: number): void {
    const shown = this.runner.shown.peek();
    const tried = this.whatIf.peek();
    if (!shown) return;
    const now = shown.setup.now ?? new Date(shown.overview.nowMs).toISOString();
    this.whatIfRunner.soon({ ...setupOf(shown.setup, tried), now }, tried.override, pauseMs);
  }

  /** Begin with other numbers or settings: nothing of what was looked at before holds. */
  async bring(parts: () => Promise<void>): Promise<void> {
    this.notice.value = null;
    const before = setup.peek().numbers;
    try {
      await parts();
    } catch (error) {
      this.notice.value = { words: messageOf(error), wrong: true };
      return;
    }
    if (setup.peek().numbers !== before) this.lookAtAll();
    if (isEmpty.peek()) this.notice.value = { words: "These are settings, and they are taken. Now drop or paste the numbers.", wrong: false };
  }

  takeFiles(files: File[]): Promise<void> {
    return this.bring(async () => this.#take(await takenFrom(files)));
  }

  takeText(text: string): Promise<void> {
    return this.bring(async () => this.#take(await takenFrom([new File([text], "")])));
  }

  /** Take over what was brought. Numbers of one's own do not go with the settings of the example. */
  #take(parts: Partial<Setup>): void {
    const before = setup.peek();
    const replaces = parts.numbers !== undefined && before.ofExample;
    setup.value = { ...(replaces ? EMPTY : before), ...parts };
    if (replaces) this.#offerBack(before, "The example was removed with all its settings.");
  }

  example(): Promise<void> {
    return this.bring(async () => {
      const { name, request, campaign, now, outcomes } = await this.server.example();
      const before = setup.peek();
      change({ ...EMPTY, ofExample: true, numbers: { kind: "text", name, text: request }, campaign: asJson(campaign), now, outcomes });
      this.#offerBack(before, "The example is shown in place of what was here.");
    });
  }

  lookAtAll(): void {
    batch(() => {
      this.zoom.value = null;
      this.chosen.value = null;
      this.ofNumber.value = false;
      this.zone.value = null;
      this.listing.value = ALL;
      this.whatIf.value = NOTHING_ELSE;
      this.tab.value = "preview";
    });
  }

  startOver(): void {
    const before = setup.peek();
    batch(() => {
      setup.value = EMPTY;
      this.lookAtAll();
    });
    this.#offerBack(before, "Everything was removed.");
  }

  /** Say what became of a setup that somebody may want back. */
  #offerBack(before: Setup, words: string): void {
    if (before !== EMPTY) this.notice.value = { words, wrong: false, before };
  }

  bringBack(before: Setup): void {
    setup.value = before;
    this.lookAtAll();
    this.notice.value = null;
  }

  /** Put the whole state into the address, and the address where it can be pasted from. */
  async share(): Promise<void> {
    const view: View = {
      tab: this.tab.value, zone: this.zone.value, span: this.zoom.value, chosen: this.chosen.value,
      listing: this.listing.value, whatIf: this.whatIf.value,
    };
    this.#linked = setup.value;
    // Whoever opens it later sees what was seen here.
    const nowMs = this.runner.shown.peek()?.overview.nowMs;
    const now = setup.value.now ?? (nowMs === undefined ? null : new Date(nowMs).toISOString());
    const { fragment, numbers } = await fragmentOf({ setup: { ...setup.value, now }, view });
    history.replaceState(null, "", fragment);
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    const where = copied ? "The link is copied" : "The link is in the address bar";
    const what = numbers
      ? "It holds the phones and all settings, and no payloads."
      : "It holds all settings. The numbers are too many for a link, or not in order: who opens it drops the same file.";
    this.notice.value = { words: `${where}. ${what}`, wrong: false };
  }

  /** Take over the state that the address holds, if it holds one. */
  async openLink(): Promise<void> {
    try {
      const shared = await sharedOf(location.hash);
      if (!shared) return;
      const before = setup.peek();
      batch(() => {
        this.#linked = setup.value = shared.setup;
        this.tab.value = shared.view.tab === "whatIf" ? "whatIf" : "preview";
        this.zone.value = shared.view.zone;
        this.zoom.value = shared.view.span;
        this.chosen.value = shared.view.chosen;
        this.listing.value = shared.view.listing;
        this.whatIf.value = shared.view.whatIf ?? NOTHING_ELSE;
      });
      this.#offerBack(before, "What the link holds is shown in place of what was here.");
      if (shared.setup.numbers.kind === "none") {
        const replaced = this.notice.value ? `${this.notice.value.words} ` : "";
        const words = `${replaced}The link holds settings without numbers: drop the file that they are for.`;
        this.notice.value = { ...this.notice.value, words, wrong: false };
      }
    } catch (error) {
      this.notice.value = { words: messageOf(error), wrong: true };
    }
  }

  /** A preview as a file. */
  async exported(preview: string, format: ExportFormat): Promise<Blob> {
    try {
      return await this.server.exported(preview, format);
    } catch (error) {
      if (!(error instanceof Forgotten)) throw error;
      this.runner.remake(preview);
      throw new Trouble("The server did not keep this preview, so it is made again. Save it when it is there.");
    }
  }

  /** Do something of which a failure is told. */
  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.notice.value = { words: messageOf(error), wrong: true };
    }
  }
}

/** Whether numbers are those before, or come of them by typing. */
function areTyped(now: Numbers, before: Numbers): boolean {
  return now === before || (now.kind === "text" && before.kind === "text" && now.name === before.name);
}
