/** Keeps a preview in step with a setup: runs it again when something changes, and one run at a time. */

import { signal } from "@preact/signals";
import type { Override, Overview, Problem } from "./contract";
import type { Numbers, Setup } from "./setup";
import type { Engine, Source } from "./source";
import { Forgotten, Trouble, messageOf } from "./trouble";

/** By when the page has been drawn anew, and its requests for what it showed before are given up. */
const LET_GO_MS = 250;

export type Standing =
  | { state: "idle" }
  | { state: "working"; doing: string; share: number | null }
  | { state: "refused" }
  | { state: "failed"; message: string }
  | { state: "stopped" };

/** What was wrong with a setup; `more` problems were not told. */
interface Refusal {
  problems: Problem[];
  more: number;
}

/** A preview that is there to be looked at, and of what it is. */
export interface Shown {
  preview: string;
  overview: Overview;
  setup: Setup;
  override: Override | null;
}

export class Runner {
  /** How the latest run stands. */
  readonly standing = signal<Standing>({ state: "idle" });
  /** The last preview that came to its end; it stays while a later one is made, or is refused. */
  readonly shown = signal<Shown | null>(null);
  /** What is wrong with the setup, as far as it is known; it stays while it is looked at again. */
  readonly refusal = signal<Refusal | null>(null);
  #running: AbortController | null = null;
  #handedIn: { numbers: Numbers; request: string } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What answers about the previews that were made here. */
  readonly source: Source;

  constructor(readonly engine: Engine) {
    this.source = remade(engine, (preview) => this.remake(preview));
  }

  /** Run a setup after a pause in which nothing else changed. */
  soon(setup: Setup, override: Override | null, pauseMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.run(setup, override), pauseMs);
  }

  /** Run a setup now; what runs is stopped. */
  async run(setup: Setup, override: Override | null): Promise<void> {
    if (setup.numbers.kind === "none") {
      this.clear();
      return;
    }
    this.halt();
    const running = new AbortController();
    this.#running = running;
    this.standing.value = { state: "working", doing: "sending", share: null };
    try {
      await this.#run(setup, override, running.signal);
    } catch (error) {
      if (!running.signal.aborted) this.standing.value = { state: "failed", message: messageOf(error) };
    }
    if (this.#running === running) this.#running = null;
  }

  /** Stop what runs, at a person's word. */
  stop(): void {
    if (this.halt()) this.standing.value = { state: "stopped" };
  }

  /** Run again what is shown. */
  again(): void {
    const shown = this.shown.peek();
    if (shown && !this.#running) void this.run(shown.setup, shown.override);
  }

  /** Make a preview again that is no longer kept, unless another has taken its place. */
  remake(preview: string): void {
    if (this.shown.peek()?.preview === preview) this.again();
  }

  /** Show nothing, and run nothing. */
  clear(): void {
    this.halt();
    this.standing.value = { state: "idle" };
    this.refusal.value = null;
    this.#replace(null);
  }

  halt(): boolean {
    clearTimeout(this.#timer);
    const running = this.#running;
    this.#running = null;
    running?.abort();
    return running !== null;
  }

  async #run(setup: Setup, override: Override | null, signal: AbortSignal): Promise<void> {
    const { campaign, now, until, outcomes, seed } = setup;
    const told = (doing: string, share: number | null): void => {
      if (!signal.aborted) this.standing.value = { state: "working", doing, share };
    };
    const ask = async () => {
      const request = await this.#request(setup.numbers, (share) => told("sending", share), signal);
      return this.engine.preview(
        { request, campaign, now, until, outcomes, seed, override },
        (preview) => preview.state === "working" && told(preview.doing, preview.share),
        signal,
      );
    };
    const preview = await ask().catch((error: unknown) => {
      if (!(error instanceof Forgotten) || signal.aborted) throw error;
      this.#handedIn = null;
      return ask();
    });
    if (signal.aborted) return;
    switch (preview.state) {
      case "done":
        this.#replace({ preview: preview.preview, overview: preview.overview, setup, override });
        this.standing.value = { state: "idle" };
        this.refusal.value = null;
        break;
      case "refused":
        this.standing.value = { state: "refused" };
        this.refusal.value = { problems: preview.problems, more: preview.more };
        break;
      case "failed":
        this.standing.value = { state: "failed", message: preview.message };
        break;
      default:
        this.standing.value = { state: "stopped" };
    }
  }

  #replace(shown: Shown | null): void {
    const before = this.shown.peek();
    this.shown.value = shown;
    // A server that forgot it at once would answer what still asks about it with an error.
    if (before) setTimeout(() => this.engine.forget(before.preview), LET_GO_MS);
  }

  /** What names the numbers at the server, who is given them once. */
  async #request(numbers: Numbers, told: (share: number) => void, signal: AbortSignal): Promise<string> {
    if (numbers.kind === "none") throw new Trouble("There are no numbers yet.");
    if (this.#handedIn?.numbers === numbers) return this.#handedIn.request;
    const request = await this.engine.handIn(numbers.kind === "text" ? numbers.text : numbers.file, told, signal);
    this.#handedIn = { numbers, request };
    return request;
  }
}

/** The answers of a source of which a preview that it no longer keeps is made again, by itself. */
function remade(source: Source, remake: (preview: string) => void): Source {
  const guarded = <T>(preview: string, answer: Promise<T>, signal: AbortSignal): Promise<T> =>
    answer.catch((error: unknown) => {
      if (!(error instanceof Forgotten) || signal.aborted) throw error;
      remake(preview);
      // The new preview has another name, and who asked asks again by it.
      return new Promise<T>((_, reject) => {
        signal.addEventListener("abort", () => reject(new DOMException("made again", "AbortError")));
      });
    });
  return {
    series: (preview, asked, signal) => guarded(preview, source.series(preview, asked, signal), signal),
    rows: (preview, asked, signal) => guarded(preview, source.rows(preview, asked, signal), signal),
    number: (preview, job, signal) => guarded(preview, source.number(preview, job, signal), signal),
    moment: (preview, job, atMs, signal) => guarded(preview, source.moment(preview, job, atMs, signal), signal),
  };
}
