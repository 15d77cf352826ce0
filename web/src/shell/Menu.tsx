import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface Entry {
  name: string;
  hint: string;
  onChoose: () => void;
}

/** Buttons behind a button: they close upon a choice, upon Escape, and when the focus goes elsewhere. */
export function Menu({ name, entries }: { name: string; entries: Entry[] }): JSX.Element {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = (): void => {
    if (menu.current) menu.current.open = false;
  };
  /** The focus was on what goes. */
  const closeByHand = (): void => {
    close();
    menu.current?.querySelector("summary")?.focus();
  };
  useEffect(() => {
    const elsewhere = (event: Event): void => {
      if (!menu.current?.contains(event.target as Node)) close();
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
    };
  }, []);
  return (
    <details
      class="menu"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key === "Escape" && menu.current?.open) closeByHand();
      }}
    >
      <summary>{name}</summary>
      <ul>
        {entries.map((entry) => (
          <li key={entry.name}>
            <button type="button" onClick={() => { closeByHand(); entry.onChoose(); }}>
              {entry.name} <span class="hint">{entry.hint}</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
