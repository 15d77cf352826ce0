import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";

interface Props {
  onFiles: (files: File[]) => void;
  children: ComponentChildren;
}

/** The whole page takes what is dropped on it. */
export function DropTarget({ onFiles, children }: Props): JSX.Element {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const leave = (): void => {
    depth.current = 0;
    setOver(false);
  };
  return (
    <div
      class={over ? "drop-target drop-over" : "drop-target"}
      onDragEnter={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDragLeave={() => {
        depth.current -= 1;
        if (depth.current <= 0) leave();
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        leave();
        onFiles([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      {children}
      {over && <p class="drop-hint" aria-hidden="true">Drop a request, a campaign file or outcomes</p>}
    </div>
  );
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/** A button that lets files be chosen. */
export function ChooseFiles({ onFiles, children }: Props): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>{children}</button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files with numbers, a campaign or outcomes"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = "";
          if (files.length) onFiles(files);
        }}
      />
    </>
  );
}
