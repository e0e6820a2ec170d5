/** Plans of tasks that fire on every whole second. */

/** The window in which every one of `tasks` fires on each of `seconds` whole seconds; two seconds before it warm up. */
export function eachSecond(now, tasks, seconds) {
  const fromAt = Math.ceil(now / 1_000) * 1_000 + 2_000;
  return { case: `${tasks}`, fromAt, toAt: fromAt + seconds * 1_000, expected: tasks * seconds };
}

/** Ms from now to the half second after at least `ms`: no slot of a whole second is near it. */
export const untilHalfPast = (ms) => ms + 1_000 - ((Date.now() + ms + 500) % 1_000);
