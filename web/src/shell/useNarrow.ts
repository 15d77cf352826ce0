import { useEffect, useState } from "preact/hooks";

const narrow = window.matchMedia("(max-width: 60rem)");

/** Whether the screen is too narrow for two columns. */
export function useNarrow(): boolean {
  const [matches, setMatches] = useState(narrow.matches);
  useEffect(() => {
    const look = (): void => setMatches(narrow.matches);
    narrow.addEventListener("change", look);
    return () => narrow.removeEventListener("change", look);
  }, []);
  return matches;
}
