/** Something that waits while it is asked to, but never longer than `mostMs`; `onRelease` when it may go on. */
export interface Hold {
  isOn(): boolean;
  set(on: boolean): void;
}

export function createHold(mostMs: number, onRelease: () => void): Hold {
  let timer: NodeJS.Timeout | undefined;
  const set = (on: boolean): void => {
    if (on) {
      timer ??= setTimeout(set, mostMs, false);
    } else if (timer !== undefined) {
      clearTimeout(timer);
      timer = undefined;
      onRelease();
    }
  };
  return { isOn: () => timer !== undefined, set };
}
