import "./style.css";
import { signal } from "@preact/signals";
import { render } from "preact";
import type { FileData } from "./contract";
import { App } from "./app";
import { ALL } from "./numbers/listing";
import { FilePage } from "./file_page";
import { FileSource } from "./file_source";
import { fromBase64, unpacked } from "./packing";
import { ServerSource } from "./server_source";
import { Session } from "./session";
import { keepFocus } from "./shell/focus";
import { Trouble, messageOf } from "./trouble";

async function begin(place: HTMLElement): Promise<void> {
  const packed = document.getElementById("data")?.textContent?.trim();
  if (packed) {
    const source = new FileSource(await dataIn(packed));
    render(<FilePage source={source} looking={{ zone: signal(null), zoom: signal(null), chosen: signal(null), listing: signal(ALL) }} />, place);
    return;
  }
  const session = new Session(new ServerSource());
  render(<App session={session} />, place);
  window.addEventListener("hashchange", () => void session.openLink());
  await session.openLink();
}

/** What a mailed file holds. */
async function dataIn(packed: string): Promise<FileData> {
  try {
    return JSON.parse(await unpacked(fromBase64(packed), "gzip")) as FileData;
  } catch {
    throw new Trouble("This file is damaged: it was cut, or changed on its way. Ask for it again.");
  }
}

keepFocus(document);
const place = document.getElementById("page");
if (place) begin(place).catch((error: unknown) => (place.textContent = messageOf(error)));
