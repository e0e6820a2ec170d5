/** The part of a page or component that shows data. */
interface View {
  data: Record<string, unknown>;
  setData(changes: Record<string, unknown>): void;
}

/**
 * Shows `next` with the least setData: what crosses to the rendering thread is what differs, not the whole list.
 * Fields of `data` that `next` does not name stay. Nothing is sent when nothing differs.
 */
export function setChanged(view: View, next: Record<string, unknown>): void {
  const changes = changedPaths(view.data, next);
  if (Object.keys(changes).length > 0) view.setData(changes);
}

/**
 * The setData paths (`cards[3].name`) that turn `before` into `after`, for the keys of `after`. Values are JSON; a field
 * that is undefined counts as absent, because setData has no way to send it.
 */
export function changedPaths(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const key of Object.keys(after)) {
    if (after[key] !== undefined) compare(before[key], after[key], key, changes);
  }
  return changes;
}

function compare(before: unknown, after: unknown, path: string, changes: Record<string, unknown>): void {
  if (Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after) && before.length <= after.length) {
    after.forEach((item, index) => {
      compare(before[index], item, `${path}[${index}]`, changes);
    });
    return;
  }
  if (isRecord(before) && isRecord(after) && presentKeys(before).every((key) => after[key] !== undefined)) {
    const within: Record<string, unknown> = {};
    for (const key of presentKeys(after)) compare(before[key], after[key], `${path}.${key}`, within);
    // A path cannot name a field with a dot or bracket in it: then the whole object goes.
    const nameable = presentKeys(after).every((key) => /^[\w$-]+$/.test(key));
    if (nameable) Object.assign(changes, within);
    else if (Object.keys(within).length > 0) changes[path] = after;
    return;
  }
  // Nor can a path remove a field.
  changes[path] = after;
}

function presentKeys(record: Record<string, unknown>): string[] {
  return Object.keys(record).filter((key) => record[key] !== undefined);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
