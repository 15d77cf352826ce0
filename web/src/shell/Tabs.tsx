import type { ComponentChildren, JSX } from "preact";
import { useId, useRef } from "preact/hooks";

export interface Tab {
  key: string;
  name: string;
  /** How many things in it need to be looked at. */
  alerts?: number;
  content: () => ComponentChildren;
}

interface Props {
  label: string;
  tabs: Tab[];
  open: string;
  onOpen: (key: string) => void;
}

/** Panels of which one is open: arrows go from tab to tab. */
export function Tabs({ label, tabs, open, onOpen }: Props): JSX.Element {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const place = Math.max(tabs.findIndex((tab) => tab.key === open), 0);
  const tab = tabs[place]!;
  const go = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const at = (next + tabs.length) % tabs.length;
    onOpen(tabs[at]!.key);
    (list.current?.children[at] as HTMLElement | undefined)?.focus();
  };
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} ref={list} onKeyDown={go}>
        {tabs.map(({ key, name, alerts }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}-${key}`}
            aria-selected={key === tab.key}
            aria-controls={`${id}-panel`}
            tabIndex={key === tab.key ? 0 : -1}
            onClick={() => onOpen(key)}
          >
            {name}
            {!!alerts && <span class="alerts"> {alerts}<span class="unseen"> to look at</span></span>}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab.key}`}>
        {tab.content()}
      </div>
    </div>
  );
}
