import type { ComponentChildren } from "preact";

/** A long word that may be broken where `at` matches, which takes no character away. */
export function breakable(word: string, at: RegExp): ComponentChildren {
  return word.split(at).map((part, place) => (place ? [<wbr key={place} />, part] : part));
}
