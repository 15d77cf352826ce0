/** Colours for the languages of the editor. */

import { json } from "@codemirror/lang-json";
import { HighlightStyle, StreamLanguage, type StringStream, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";
import type { Language } from "./marks";

const STRING = /^"(?:[^"\\]|\\.)*"?/;
const NUMBER = /^-?\d[\d.eE+-]*/;
const WORD = /^(?:true|false|null)\b/;

/** JSON on each line: the parser of whole texts takes only the first line for JSON. */
const ndjson = StreamLanguage.define({
  token(stream: StringStream) {
    if (stream.match(STRING)) return stream.match(/^\s*:/, false) ? "propertyName" : "string";
    if (stream.match(NUMBER)) return "number";
    if (stream.match(WORD)) return "keyword";
    stream.next();
    return null;
  },
});

const toml = StreamLanguage.define({
  token(stream: StringStream) {
    if (stream.sol() && stream.match(/^\s*\[\[?[^\]]*\]\]?/)) return "heading";
    if (stream.match(/^#.*/)) return "comment";
    if (stream.match(/^[\w.-]+(?=\s*=)/)) return "propertyName";
    if (stream.match(STRING) || stream.match(/^'[^']*'?/)) return "string";
    if (stream.match(/^[+-]?\d[\w:.+-]*/)) return "number";
    if (stream.match(WORD)) return "keyword";
    stream.next();
    return null;
  },
});

const csv = StreamLanguage.define<{ header: boolean }>({
  startState: () => ({ header: true }),
  token(stream: StringStream, state) {
    const { header } = state;
    if (stream.match(/^"(?:[^"]|"")*"?/) || stream.match(/^[^,"]+/)) {
      if (stream.eol()) state.header = false;
      return header ? "propertyName" : "string";
    }
    stream.next();
    return null;
  },
});

const LANGUAGES: Record<Language, () => Extension> = { json, ndjson: () => ndjson, toml: () => toml, csv: () => csv };

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.heading], color: "var(--accent)" },
  { tag: tags.heading, fontWeight: "600" },
  { tag: tags.string, color: "var(--good)" },
  { tag: tags.number, color: "var(--warn)" },
  { tag: [tags.bool, tags.null, tags.keyword], color: "var(--nonexistentNumber)" },
  { tag: tags.comment, color: "var(--soft)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

export function languageOf(language: Language): Extension {
  return [LANGUAGES[language](), syntaxHighlighting(colours)];
}
