/** Calls `fire` once after `ms`, unless the answer is called before. Given to whatever waits, so that tests own the time. */
export type SetTimer = (fire: () => void, ms: number) => () => void;

/** Timers of the phone. They stand still while the app is in the background. */
export const setTimer: SetTimer = (fire, ms) => {
  const id = setTimeout(fire, ms);
  return () => clearTimeout(id);
};
