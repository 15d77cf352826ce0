/** What was refused or failed, in words for the person. */

export class Trouble extends Error {}

/** What was asked about is no longer kept, and has to be made again. */
export class Forgotten extends Trouble {}

/** An error in words. What nobody foresaw is told too: whoever waits for it would wait for ever. */
export function messageOf(error: unknown): string {
  if (error instanceof Trouble) return error.message;
  const words = error instanceof Error ? error.message : String(error);
  return `The page itself failed (${words}). Copy a link to keep your settings, load the page again, and report it.`;
}
