/** Which time zone names are taken: those Intl lists, `UTC`, and the newer spellings of zones Intl lists by an old one. */

const LISTED = new Set(Intl.supportedValuesOf('timeZone'));
/** `Area/City` in the spelling of the IANA database. Keeps out `CST`, `Etc/GMT+8` (which is UTC-8), `US/Central`, `+08:00`. */
const CITY =
  /^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)(\/[A-Z][a-z]+([_-][A-Za-z][a-z]*)*){1,2}$/;

/**
 * Whether a zone may be used in a schedule. `Asia/Kolkata` is one: Node lists that zone as `Asia/Calcutta` and resolves
 * the newer name to it. Names are taken in exact spelling although Intl itself ignores case.
 */
export function isZoneName(name: unknown): name is string {
  if (typeof name !== 'string' || name.length > 40) return false;
  if (name === 'UTC' || LISTED.has(name)) return true;
  if (!CITY.test(name)) return false;
  try {
    return LISTED.has(new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone);
  } catch {
    return false;
  }
}
