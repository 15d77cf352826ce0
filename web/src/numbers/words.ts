/** States and reasons in few words, for a table. */

const STATES: Record<string, string> = {
  planned: "waits for its first dial",
  inProcess: "in a call",
  onRetry: "waits for a retry",
  longCallWithResult: "answered, with a result",
  longCallWithNoResult: "answered",
  noAnswer: "not answered",
  notDone: "not done",
  cancelledByUser: "cancelled",
  technicalError: "failed",
  nonexistentNumber: "no such number",
};

const REASONS: Record<string, string> = {
  answered: "it was answered",
  nonexistentNumber: "the number does not exist",
  attemptsUsedUp: "its attempts are used up",
  phoneAttemptsUsedUp: "its phone's attempts are used up",
  neverOpen: "no allowed time within 366 days",
  noWindowBeforeFinish: "no allowed time before its finish",
  noLineInTime: "its turn did not come in time",
  cancelled: "it was cancelled",
  campaignStopped: "the campaign was stopped",
};

export function stateWords(state: string): string {
  return STATES[state] ?? state;
}

/** What the engine says, with the words of states in place of their names. */
export function plain(words: string): string {
  return words.replace(/\b[a-z]+[A-Z]\w+\b/g, (name) => (Object.hasOwn(STATES, name) ? `“${STATES[name]}”` : name));
}

export function reasonWords(reason: string | null): string {
  return reason === null ? "" : (REASONS[reason] ?? reason);
}
