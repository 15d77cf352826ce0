/** The source that a server is. */

import type { Asked, Example, ExportFormat, MomentTold, NumberTold, Preview, Rows, RowsAsked, Series, SeriesAsked } from "./contract";
import { Forgotten, Trouble, type Source } from "./source";

const UNREACHABLE = "The server does not answer. Start it again, or look whether it still runs; what you wrote is kept here.";

export class ServerSource implements Source {
  readonly live = true;

  handIn(text: string | Blob, told: (share: number) => void, signal: AbortSignal): Promise<string> {
    // `fetch` does not tell how much of a body has left.
    return new Promise((resolve, reject) => {
      const sent = new XMLHttpRequest();
      const abort = (): void => sent.abort();
      signal.addEventListener("abort", abort);
      sent.open("POST", "/page/requests");
      sent.setRequestHeader("Content-Type", "text/plain; charset=utf-8");
      sent.responseType = "json";
      sent.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
      sent.onload = () =>
        sent.status === 201 ? resolve(sent.response.request) : reject(new Trouble(wordsOf(sent.response)));
      sent.onerror = () => reject(new Trouble(UNREACHABLE));
      sent.onabort = () => reject(new DOMException("stopped", "AbortError"));
      sent.onloadend = () => signal.removeEventListener("abort", abort);
      sent.send(text);
    });
  }

  async preview(asked: Asked, told: (preview: Preview) => void, signal: AbortSignal): Promise<Preview> {
    const posted = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) };
    // The answer has the id by which a run is stopped, so it is waited for even by who has stopped meanwhile.
    let preview = await this.#json<Preview>("/page/previews", posted);
    const path = `/page/previews/${preview.preview}`;
    try {
      while (preview.state === "working") {
        signal.throwIfAborted();
        told(preview);
        preview = await this.#json<Preview>(path, { signal });
      }
      signal.throwIfAborted();
    } catch (error) {
      if (signal.aborted) this.forget(preview.preview);
      throw error;
    }
    return preview;
  }

  forget(preview: string): void {
    fetch(`/page/previews/${preview}`, { method: "DELETE", keepalive: true }).catch(() => undefined);
  }

  series(preview: string, asked: SeriesAsked, signal: AbortSignal): Promise<Series> {
    return this.#json(`/page/previews/${preview}/series?${query(asked)}`, { signal });
  }

  rows(preview: string, asked: RowsAsked, signal: AbortSignal): Promise<Rows> {
    return this.#json(`/page/previews/${preview}/rows?${query(asked)}`, { signal });
  }

  number(preview: string, job: number, signal: AbortSignal): Promise<NumberTold> {
    return this.#json(`/page/previews/${preview}/numbers/${job}`, { signal });
  }

  moment(preview: string, job: number, atMs: number, signal: AbortSignal): Promise<MomentTold> {
    return this.#json(`/page/previews/${preview}/numbers/${job}/moment?${query({ atMs: Math.round(atMs) })}`, { signal });
  }

  async exported(preview: string, format: ExportFormat, signal: AbortSignal): Promise<Blob> {
    return (await this.#answer(`/page/previews/${preview}/export?${query({ format })}`, { signal })).blob();
  }

  example(): Promise<Example> {
    return this.#json("/page/example", {});
  }

  async #json<T>(path: string, options: RequestInit): Promise<T> {
    return (await this.#answer(path, options)).json() as Promise<T>;
  }

  async #answer(path: string, options: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(path, options);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Trouble(UNREACHABLE);
    }
    if (response.ok) return response;
    const failure = await response.json().catch(() => null);
    if (response.status === 404) throw new Forgotten(wordsOf(failure));
    throw new Trouble(wordsOf(failure));
  }
}

/** The query of a URL; what is null is left out. */
function query(fields: object): string {
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
}

function wordsOf(failure: unknown): string {
  const message = (failure as { message?: unknown } | null)?.message;
  return typeof message === "string" ? message : "The server answered with an error of its own; its log says more.";
}
