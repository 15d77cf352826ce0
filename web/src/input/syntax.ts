/** What is wrong with JSON text, in words, before a server is asked. */

import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { eachItem } from "./items";
import { parsed } from "./json";
import { type Language, lineOf, linesOf, type Mark } from "./marks";

const MOST = 100;

const WORDS: Record<string, string> = {
  InvalidSymbol: "not a value of JSON; write texts in double quotes, or true, false or null",
  InvalidNumberFormat: "not a number as JSON has it; write it like 12 or 0.5",
  PropertyNameExpected:
    'a name is missing here; write one in double quotes, such as "phone", or take out the comma before',
  ValueExpected: "a value is missing here; write one, or take out the comma before",
  ColonExpected: 'a colon is missing; write "name": value',
  CommaExpected: "a comma is missing before this",
  CloseBraceExpected: "the object is not closed; write } at its end",
  CloseBracketExpected: "the list is not closed; write ] at its end",
  EndOfFileExpected: "there is more behind the end; take it out, or put all numbers into one list [ … ]",
  InvalidCommentToken: "JSON has no comments; take it out",
  UnexpectedEndOfComment: "JSON has no comments; take it out",
  UnexpectedEndOfString: 'the text is not closed; write " at its end, on the same line',
  UnexpectedEndOfNumber: "the number ends too early; write digits behind the point or the e",
  InvalidUnicode: "not an escape; write \\u and four hexadecimal digits",
  InvalidEscapeCharacter: "not an escape; write \\\\ for a backslash",
  InvalidCharacter: "a character that a text may not have; write a tab as \\t and a line break as \\n",
};

/** The syntax errors of a JSON text, or of the lines of an NDJSON text; none for the other languages. */
export function syntaxMarks(text: string, language: Language): Mark[] {
  if (language !== "json" && language !== "ndjson") return [];
  const lines = linesOf(text);
  const marks: Mark[] = [];
  const add = (from: number, to: number): boolean => {
    for (const { offset, length, message } of errorsOf(text.slice(from, to))) {
      const at = from + offset;
      marks.push({ from: at, to: at + length, line: lineOf(lines, at), message, severity: "error" });
    }
    return marks.length < MOST;
  };
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  if (language === "ndjson") eachItem(text, "ndjson", ({ from, to }) => add(from, to));
  else if (text.trim()) add(start, text.length);
  return marks.slice(0, MOST);
}

function errorsOf(text: string): { offset: number; length: number; message: string }[] {
  const { wrong } = parsed(text);
  if (wrong === null) return [];
  const whole = [{ offset: 0, length: 1, message: `not JSON: ${wrong}` }];
  const errors: ParseError[] = [];
  try {
    parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (error instanceof RangeError) return whole; // nested deeper than the parser goes
    throw error;
  }
  // One slip often makes errors of all that follows it on its line.
  const told = errors.filter(({ offset }, place) => {
    const before = errors[place - 1];
    return !before || text.slice(before.offset, offset).includes("\n");
  });
  return told.length
    ? told.map(({ error, offset, length }) => ({
        offset,
        length: Math.max(length, 1),
        message: WORDS[printParseErrorCode(error)] ?? "not JSON",
      }))
    : whole;
}
