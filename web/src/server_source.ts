/** The source that a server is. */

import type { Asked, Example, ExportFormat, MomentTold, NumberTold, Preview, Rows, RowsAsked, Series, SeriesAsked } from "./contract";
import type { Engine } from "./source";
import { Forgotten, Trouble } from "./trouble";

const UNREACHABLE = "The server does not answer. Start it again, or look whether it still runs; what you wrote is kept here.";

export class ServerSource implements Engine {
  handIn(text: string | Blob, told: (share: number) => void, signal: AbortSignal): Promise<string> {
    // `fetch` does not tell how much of a body has left.
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const sent = new XMLHttpRequest();
      const abort = (): void => sent.abort();
      signal.addEventListener("abort", abort);
      sent.open("POST", "/page/requests");
      sent.setRequestHeader("Content-Type", "text/plain; charset=utf-8");
      sent.responseType = "json";
      sent.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
      sent.onload = () => {
        const request = sent.status === 201 && (sent.response as { request?: string } | null)?.request;
        if (request) resolve(request);
        else reject(new Trouble(wordsOf(sent.response)));
      };
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

  /** A preview as a file, but for a picture, which the page draws. */
  async exported(preview: string, format: ExportFormat): Promise<Blob> {
    const answer = await this.#answer(`/page/previews/${preview}/export?${query({ format })}`, {});
    return reached(() => answer.blob(), null);
  }

  example(): Promise<Example> {
    return this.#json("/page/example", {});
  }

  async #json<T>(path: string, options: RequestInit): Promise<T> {
    const answer = await this.#answer(path, options);
    return reached(() => answer.json() as Promise<T>, options.signal);
  }

  async #answer(path: string, options: RequestInit): Promise<Response> {
    const response = await reached(() => fetch(path, options), options.signal);
    if (response.ok) return response;
    const failure: unknown = await response.json().catch(() => null);
    throw isForgotten(failure) ? new Forgotten(wordsOf(failure)) : new Trouble(wordsOf(failure));
  }
}

/** What a server answers, as a whole: it may be gone before its answer is. */
async function reached<T>(ask: () => Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw signal?.aborted ? error : new Trouble(UNREACHABLE);
  }
}

/** Whether a text or a preview is gone, not just a part of it: only then does it help to make it again. */
function isForgotten(failure: unknown): boolean {
  const type = (failure as { type?: unknown } | null)?.type;
  return type === "preview.unknown" || type === "request.unknown";
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
