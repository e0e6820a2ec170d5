/** Starts before and after a kill, by run: when is everything that ran running again? */
export function createTakeover() {
  const starts = new Map();
  return {
    onStart(runId) {
      if (!starts.has(runId)) starts.set(runId, []);
      starts.get(runId).push(performance.now());
    },
    running: () => starts.size,
    /** Runs that were started again. */
    again: () => [...starts.values()].filter((times) => times.length > 1).length,
    /** Seconds from the kill to the first and to the last second start; `more`: runs started more than twice. */
    since(killedAt) {
      const second = [...starts.values()].flatMap((times) => times[1] ?? []);
      const seconds = (at) => Math.round((at - killedAt) / 10) / 100;
      return {
        firstSeconds: seconds(Math.min(...second)),
        lastSeconds: seconds(Math.max(...second)),
        more: [...starts.values()].filter((times) => times.length > 2).length,
      };
    },
  };
}
