/** A text with line numbers, in which problems are marked, and a list of the problems beneath. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { type Diagnostic, lintGutter, nextDiagnostic, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState, type Extension, type Text } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  type ViewUpdate,
} from "@codemirror/view";
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { count } from "../format";
import "./input.css";
import { languageOf } from "./languages";
import { type Language, linesOf, type Mark } from "./marks";
import { theme } from "./theme";

const MOST_LISTED = 200;
const MOST_MARKED = 1000;

interface EditorProps {
  text: string;
  onChange: (text: string) => void;
  language: Language;
  problems: readonly Mark[];
  label: string;
  /** What lets the editor add its style sheet. */
  nonce: string;
}

const FromOutside = Annotation.define<boolean>();

export function Editor(props: EditorProps) {
  const { problems, label } = props;
  const help = useId();
  const { holder, view } = useEditor(props, help);
  const goTo = (mark: Mark): void => {
    const editor = view.current;
    if (!editor) return;
    const { from } = placeIn(editor.state.doc, mark, startsOf(props.text));
    editor.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    editor.focus();
  };
  return (
    <div class="editor">
      <div class="editor-text" ref={holder} />
      <p class="editor-help" id={help}>
        Tab leaves the text, Ctrl+F or ⌘F searches it{problems.length ? ", F8 goes to the next problem" : ""}.
      </p>
      <ProblemList problems={problems} label={label} goTo={goTo} />
    </div>
  );
}

interface ProblemListProps {
  problems: readonly Mark[];
  label: string;
  goTo: (mark: Mark) => void;
}

function ProblemList({ problems, label, goTo }: ProblemListProps) {
  if (!problems.length) return null;
  const more = problems.length - MOST_LISTED;
  return (
    <>
      <ul class="editor-problems" aria-label={`Problems of ${label}`}>
        {problems.slice(0, MOST_LISTED).map((mark, place) => (
          <li key={place}>
            <button type="button" class={`problem ${mark.severity}`} onClick={() => goTo(mark)}>
              <span class="problem-line">
                {mark.severity === "warning" ? "Warning, line" : "Line"} {count(mark.line)}:
              </span>{" "}
              {mark.message}
            </button>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="editor-more">{count(more)} more are not listed; mend these first.</p>}
    </>
  );
}

interface Parts {
  language: Compartment;
  names: Compartment;
}

function useEditor(props: EditorProps, help: string) {
  const { text, language, label, nonce, problems } = props;
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const given = useRef(text);
  const onItsWay = useRef<string[]>([]);
  const latest = useRef(props);
  latest.current = props;
  const parts = useMemo<Parts>(
    () => ({ language: new Compartment(), names: new Compartment() }),
    [],
  );
  const names = { tabindex: "0", "aria-label": label, "aria-describedby": help };
  const content: Extension[] = [
    parts.language.of(languageOf(language)),
    parts.names.of(EditorView.contentAttributes.of(names)),
  ];

  useLayoutEffect(() => {
    const told = EditorView.updateListener.of((update) => tell(update, given, onItsWay.current, latest.current.onChange));
    const extensions = [always(nonce), content, told];
    const editor = new EditorView({ parent: holder.current!, state: EditorState.create({ doc: text, extensions }) });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  useEffect(() => {
    view.current?.dispatch({
      effects: [
        parts.language.reconfigure(languageOf(language)),
        parts.names.reconfigure(EditorView.contentAttributes.of(names)),
      ],
    });
  }, [language, label]);
  useEffect(() => {
    // What was typed comes back later, when more may have been typed: it is not put over that.
    if (onItsWay.current.includes(text)) {
      if (text === given.current) onItsWay.current.length = 0;
      return;
    }
    onItsWay.current.length = 0;
    if (view.current && text !== given.current) replaceText(view.current, text);
    given.current = text;
  }, [text]);
  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state.doc, problems, text)));
  }, [problems]);
  return { holder, view };
}

function always(nonce: string): Extension {
  return [
    EditorView.cspNonce.of(nonce),
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    history(),
    drawSelection(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    lintGutter(),
    keymap.of([{ key: "F8", run: nextDiagnostic }, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
    EditorView.lineWrapping,
    typedOver,
    theme,
  ];
}

/** Text typed over a selection. Left to Chromium, it takes colours and underlines along, as inline styles that the page's policy forbids. */
const typedOver = EditorView.domEventHandlers({
  beforeinput: ({ inputType, data }, { state, dispatch }) => {
    if (inputType !== "insertText" || !data || state.selection.main.empty) return false;
    dispatch(state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

/** Tell what was typed, with the line breaks that the text came with. */
function tell(
  update: ViewUpdate,
  given: { current: string },
  onItsWay: string[],
  onChange: (text: string) => void,
): void {
  if (!update.docChanged || update.transactions.some((each) => each.annotation(FromOutside))) return;
  const typed = update.state.doc.toString();
  given.current = given.current.includes("\r\n") ? typed.replaceAll("\n", "\r\n") : typed;
  onItsWay.push(given.current);
  onChange(given.current);
}

/** Put another text in, as the change of what differs: the cursor stays, and the change can be undone. */
function replaceText(editor: EditorView, text: string): void {
  const old = editor.state.doc.toString();
  const shown = text.replace(/\r\n?/g, "\n");
  const most = Math.min(old.length, shown.length);
  let start = 0;
  while (start < most && old[start] === shown[start]) start++;
  let end = 0;
  while (end < most - start && old[old.length - 1 - end] === shown[shown.length - 1 - end]) end++;
  editor.dispatch({
    changes: { from: start, to: old.length - end, insert: shown.slice(start, shown.length - end) },
    annotations: FromOutside.of(true),
  });
}

/** Where lines begin in a text whose line breaks are longer than the editor's; null where they are the same. */
function startsOf(text: string): number[] | null {
  return text.includes("\r") ? linesOf(text) : null;
}

function placeIn(doc: Text, mark: Mark, starts: readonly number[] | null): { from: number; to: number } {
  const line = doc.line(Math.min(Math.max(mark.line, 1), doc.lines));
  const shift = line.from - (starts ? (starts[mark.line - 1] ?? 0) : line.from);
  const from = Math.min(Math.max(mark.from + shift, 0), doc.length);
  return { from, to: Math.min(Math.max(mark.to + shift, from), doc.length) };
}

function diagnosticsOf(doc: Text, problems: readonly Mark[], text: string): Diagnostic[] {
  const starts = startsOf(text);
  return problems
    .slice(0, MOST_MARKED)
    .map((mark) => ({ ...placeIn(doc, mark, starts), severity: mark.severity, message: mark.message }));
}
