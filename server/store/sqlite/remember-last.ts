/** `make`, remembering its last answer: for what is the same all over a batch (worker, token, fence), a third of packing. */
export function rememberLast<T extends string | number>(make: (value: T) => string): (value: T) => string {
  let last: T | undefined;
  let made = '';
  return (value) => {
    if (value !== last) {
      made = make(value);
      last = value;
    }
    return made;
  };
}
