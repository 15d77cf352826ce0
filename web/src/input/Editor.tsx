import type { JSX } from "preact";
export function Editor(p: { text: string; onChange: (t: string) => void; language: string; problems: unknown[]; label: string; nonce: string }): JSX.Element {
  return <textarea aria-label={p.label} rows={20} value={p.text} onInput={(e) => p.onChange(e.currentTarget.value)} />;
}
