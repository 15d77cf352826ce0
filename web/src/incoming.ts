/** What a person brings: files that are dropped, chosen or pasted, told apart by what is in them. */

import { parse as parseToml } from "smol-toml";
import { bytesOf, numbersOf, textOf, type Setup } from "./setup";
import { Trouble } from "./trouble";

const A_PHONE = /"phone"\s*:/;
const OUTCOMES = /^\{\s*"(model|phones|jobs)"\s*:|^\[(model|phones|jobs)[.\]]|^(?![[{])[^\n]*\boutcome\b/;
const HEAD = 20_000;
const MAX_SETTINGS = 5_000_000;

/** What files hold: numbers, a campaign file, outcomes. Throws a Trouble for one that is none of these. */
export async function takenFrom(files: Iterable<File>): Promise<Partial<Setup>> {
  let parts: Partial<Setup> = {};
  for (const file of files) {
    const part = await partOf(file);
    if (part.numbers && parts.numbers) throw new Trouble("These are two lists of numbers. Drop one of them, or put them into one file.");
    parts = { ...parts, ...part };
  }
  return parts;
}

async function partOf(file: File): Promise<Partial<Setup>> {
  const head = new TextDecoder().decode(await bytesOf(file.slice(0, HEAD), nameOf(file))).trimStart();
  if (head.startsWith("PK\u0003\u0004")) {
    throw new Trouble(`${nameOf(file)} is a workbook or an archive. In a spreadsheet, save it as “CSV UTF-8”, and drop that.`);
  }
  if (head.startsWith("<")) {
    throw new Trouble(`${nameOf(file)} is a page, not numbers. Drop a request in JSON, NDJSON or CSV.`);
  }
  if (file.size <= MAX_SETTINGS) {
    if (OUTCOMES.test(head)) return { outcomes: await textOf(file, nameOf(file)) };
    if (looksLikeToml(file.name, head)) return { campaign: jsonOf(await textOf(file, nameOf(file)), nameOf(file)) };
    if (head.startsWith("{") && !A_PHONE.test(head)) return { campaign: await textOf(file, nameOf(file)) };
  }
  return { numbers: await numbersOf(file, file.name) };
}

function looksLikeToml(name: string, head: string): boolean {
  return (/\.toml$/i.test(name) && !head.startsWith("{")) || /^(#.*\n\s*)*(\[[a-zA-Z]+\]\s*\n|[a-zA-Z]+\s*=)/.test(head);
}

/** A campaign file in TOML as JSON, so that the form can edit it. Throws a Trouble for what is no TOML. */
export function jsonOf(toml: string, name = "This"): string {
  try {
    return `${JSON.stringify(parseToml(toml), undefined, 2)}\n`;
  } catch (error) {
    const [first = ""] = String((error as Error).message).split("\n");
    throw new Trouble(`${name} is no campaign file that can be read: ${first}`);
  }
}

/** A campaign file as JSON, whichever of its two forms it has. */
export function asJson(campaign: string): string {
  return campaign.trimStart().startsWith("{") ? campaign : jsonOf(campaign);
}

function nameOf(file: File): string {
  return file.name || "What was pasted";
}
