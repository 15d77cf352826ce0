import { useLayoutEffect, useState } from "preact/hooks";

/**
 * What is typed into a field, which follows what is set whenever that changes.
 *
 * It does so before the next event comes: an effect that ran later would put back what was typed in between.
 */
export function useTyped<T>(set: T, isSame: (typed: T) => boolean = (typed) => typed === set): [T, (typed: T) => void] {
  const [typed, setTyped] = useState(set);
  useLayoutEffect(() => {
    if (!isSame(typed)) setTyped(set);
  }, [set]);
  return [typed, setTyped];
}
