import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { ChooseFiles } from "./dropping";

interface Props {
  onExample: () => void;
  onFiles: (files: File[]) => void;
  onText: (text: string) => void;
}

/** What an empty page shows: three ways in. */
export function Welcome({ onExample, onFiles, onText }: Props): JSX.Element {
  const id = useId();
  const [text, setText] = useState("");
  return (
    <section class="welcome">
      <h2>See a call campaign before it rings</h2>
      <p>
        Bring the numbers of a campaign with their calling policies, and see when each would be dialled, why then, and
        what it takes to get through. Nobody is called, and nothing leaves the server that shows this page.
      </p>
      <div class="ways">
        <div class="way">
          <h3>Look at an example</h3>
          <p>Some dozens of numbers in several time zones, with windows, retries and few lines.</p>
          <button type="button" class="primary" onClick={onExample}>Show the example</button>
        </div>
        <div class="way way-drop">
          <h3>Drop a file here</h3>
          <p>The body of addPhones as JSON, numbers as NDJSON or CSV; a campaign file and outcomes too.</p>
          <ChooseFiles onFiles={onFiles}>Choose a file</ChooseFiles>
        </div>
        <form
          class="way"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) onText(text);
          }}
        >
          <h3><label for={id}>Paste numbers</label></h3>
          <textarea
            id={id}
            rows={4}
            spellcheck={false}
            placeholder={'[{"phone": "79123456789", "gmtZone": "Europe/Moscow"}]'}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onPaste={(event) => {
              const pasted = event.clipboardData?.getData("text/plain") ?? "";
              if (text || !pasted.trim()) return;
              event.preventDefault();
              onText(pasted);
            }}
          />
          <button type="submit" disabled={!text.trim()}>Preview them</button>
        </form>
      </div>
    </section>
  );
}
