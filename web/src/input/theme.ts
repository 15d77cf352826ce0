/** The editor in the colours of the page, light and dark alike. */

import { EditorView } from "@codemirror/view";

const under = (colour: string): Record<string, string> => ({
  backgroundImage: "none",
  textDecoration: `underline wavy ${colour}`,
  textDecorationSkipInk: "none",
  textUnderlineOffset: "3px",
});

const marker = (colour: string): Record<string, string> => ({
  content: '""',
  width: "0.7em",
  height: "0.7em",
  borderRadius: "50%",
  backgroundColor: colour,
});

export const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--field)", fontSize: "var(--small)", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--window)",
  },
  ".cm-content ::selection": { backgroundColor: "transparent" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  ".cm-gutters": { color: "var(--soft)", backgroundColor: "var(--panel)", borderRight: "1px solid var(--rule)" },
  ".cm-activeLineGutter": { color: "var(--ink)", backgroundColor: "var(--accent-soft)" },
  "&.cm-focused .cm-matchingBracket": { color: "var(--ink)", backgroundColor: "var(--window)" },
  "&.cm-focused .cm-nonmatchingBracket": { color: "var(--bad)", backgroundColor: "transparent" },
  ".cm-searchMatch": { backgroundColor: "color-mix(in srgb, var(--warn) 25%, transparent)" },
  ".cm-searchMatch.cm-searchMatch-selected": { backgroundColor: "color-mix(in srgb, var(--warn) 45%, transparent)" },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--accent) 15%, transparent)" },
  ".cm-panels": { color: "var(--ink)", backgroundColor: "var(--panel)", borderColor: "var(--rule)" },
  ".cm-panel.cm-search": { padding: "0.4rem 2rem 0.4rem 0.5rem" },
  ".cm-panel.cm-search label": { fontSize: "inherit" },
  ".cm-textfield": {
    color: "var(--ink)",
    backgroundColor: "var(--field)",
    border: "1px solid var(--edge)",
    minHeight: "24px",
    fontSize: "inherit",
  },
  ".cm-textfield::placeholder": { color: "var(--soft)", opacity: "1" },
  ".cm-button": {
    fontSize: "inherit",
    color: "var(--ink)",
    backgroundImage: "none",
    backgroundColor: "var(--page)",
    border: "1px solid var(--edge)",
    minHeight: "24px",
  },
  ".cm-panel.cm-search [name=close]": { color: "var(--ink)", minWidth: "24px", minHeight: "24px" },
  ".cm-tooltip": {
    color: "var(--ink)",
    backgroundColor: "var(--panel)",
    border: "1px solid var(--edge)",
    maxWidth: "40rem",
  },
  ".cm-diagnostic": { fontFamily: "system-ui, sans-serif", padding: "0.3rem 0.6rem" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-lintRange-error": under("var(--bad)"),
  ".cm-lintRange-warning": under("var(--warn)"),
  ".cm-lintPoint:after": { borderBottomColor: "var(--bad)" },
  ".cm-lint-marker-error": marker("var(--bad)"),
  ".cm-lint-marker-warning": { ...marker("var(--warn)"), borderRadius: "2px" },
});
