/**
 * A small path into JSON: `$`, `$.a.b[0]`, `$["any key"]`. No filters, no wildcards, no scripts. Only what the value
 * itself holds is read: neither a prototype nor the length of a list or text.
 */

export type PathStep = string | number;

/** Bounds that keep a path in a task definition cheap to keep and to walk. */
const MAX_PATH_LENGTH = 200;
const MAX_PATH_STEPS = 20;

// One step: .name | [0] | ["key"]. Sticky, so that it matches at a place or not at all, in time linear in the text.
const STEP = /\.([\p{L}_$][\p{L}\p{N}_$-]*)|\[(0|[1-9]\d{0,8})\]|\[("(?:[^"\\]|\\.)*")\]/uy;

/** The steps of a path, or null when the text is not one. Names become strings, `[0]` becomes a number. */
export function parsePath(text: string): PathStep[] | null {
  if (typeof text !== 'string' || text.length > MAX_PATH_LENGTH || text[0] !== '$') return null;
  const steps: PathStep[] = [];
  let at = 1;
  while (at < text.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (match === null || steps.length === MAX_PATH_STEPS) return null;
    const [, name, index, quoted] = match;
    if (name !== undefined) steps.push(name);
    else if (index !== undefined) steps.push(Number(index));
    else {
      const key = parseKey(quoted!);
      if (key === null) return null;
      steps.push(key);
    }
    at = STEP.lastIndex;
  }
  return steps;
}

/** The value at a parsed path, or undefined when there is none. Numbers step into lists, names into objects. */
export function readPath(value: unknown, path: readonly PathStep[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) !== (typeof step === 'number'))
      return undefined;
    // The descriptor and not the property: a getter of a handler's own object must not run here.
    at = Object.getOwnPropertyDescriptor(at, step)?.value;
  }
  return at;
}

function parseKey(quoted: string): string | null {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return null; // an escape or control character that JSON does not know
  }
}
