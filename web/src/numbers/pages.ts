import type { Row, Rows } from "../contract";
import { messageOf } from "../trouble";

const PAGE = 100;
const KEPT = 100;
const EVERY_MS = 60;

type AskRows = (from: number, count: number, signal: AbortSignal) => Promise<Rows>;

/** The rows of one list, fetched by the page as they are seen. What was flown past is not waited for. */
export class RowPages {
  /** How many rows there are; null before it is known. */
  total: number | null = null;
  trouble = "";
  readonly #ask: AskRows;
  readonly #changed: () => void;
  readonly #pages = new Map<number, Row[]>();
  readonly #asking = new Map<number, AbortController>();
  #wanted: [first: number, last: number] = [0, 0];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ask: AskRows, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  row(place: number): Row | undefined {
    return this.#pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** These rows are seen now. */
  see(first: number, last: number): void {
    this.#wanted = [Math.floor(first / PAGE), Math.floor(Math.max(last, first) / PAGE)];
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#fetch();
    }, this.total === null ? 0 : EVERY_MS);
  }

  again(): void {
    this.trouble = "";
    this.#fetch();
    this.#changed();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const asking of this.#asking.values()) asking.abort();
    this.#asking.clear();
  }

  #fetch(): void {
    const [first, last] = this.#wanted;
    for (const [page, asking] of this.#asking) {
      if (page >= first && page <= last) continue;
      asking.abort();
      this.#asking.delete(page);
    }
    if (this.trouble) return;
    for (let page = first; page <= last; page++) {
      if (!this.#pages.has(page) && !this.#asking.has(page)) void this.#fetchPage(page);
    }
  }

  async #fetchPage(page: number): Promise<void> {
    const asking = new AbortController();
    this.#asking.set(page, asking);
    try {
      const rows = await this.#ask(page * PAGE, PAGE, asking.signal);
      if (asking.signal.aborted) return;
      this.total = rows.total;
      this.#keep(page, rows.rows);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.trouble = messageOf(error);
    }
    this.#asking.delete(page);
    this.#changed();
  }

  #keep(page: number, rows: Row[]): void {
    this.#pages.set(page, rows);
    for (const old of this.#pages.keys()) {
      if (this.#pages.size <= KEPT) break;
      if (old < this.#wanted[0] || old > this.#wanted[1]) this.#pages.delete(old);
    }
  }
}
