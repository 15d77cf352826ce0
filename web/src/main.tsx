import "./style.css";
import { signal } from "@preact/signals";
import { render } from "preact";
import type { FileData } from "./contract";
import { App } from "./app";
import { ALL } from "./numbers/listing";
import { FilePage } from "./file_page";
import { FileSource } from "./file_source";
import { ServerSource } from "./server_source";
import { Session } from "./session";

async function begin(place: HTMLElement): Promise<void> {
  const packed = document.getElementById("data")?.textContent?.trim();
  if (packed) {
    const source = new FileSource(JSON.parse(await unpacked(packed)) as FileData);
    render(<FilePage source={source} looking={{ zone: signal(null), zoom: signal(null), chosen: signal(null), listing: signal(ALL) }} />, place);
    return;
  }
  const session = new Session(new ServerSource());
  render(<App session={session} />, place);
  window.addEventListener("hashchange", () => void session.openLink());
  await session.openLink();
}

async function unpacked(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

const place = document.getElementById("page");
if (place) void begin(place);
