/**
 * Definitions as JSON in which frequent phrases are one byte each: 213 bytes of a task's JSON become 70, and reading costs
 * one pass. JSON.stringify escapes control characters, so a byte below 0x20 in the text is always a phrase.
 */

/** The place is the byte, so phrases are only ever added behind the last; at most 26. Another order is another format. */
const PHRASES = [
  '{"kind":"cron","cron":"',
  '","timeZone":"Asia/Shanghai"}',
  '{"kind":"every","everyMs":',
  '{"kind":"at","at":',
  '{"name":"',
  '","action":{"kind":"http","method":"POST","url":"',
  '","action":{"kind":"http","method":"GET","url":"',
  '","action":{"kind":"handler","name":"',
  '","action":{"kind":"',
  '"policy":{',
  '"catchUp":{"policy":"',
  '"overlap":"',
  '"retry":{"maxAttempts":',
  ',"baseDelayMs":',
  ',"maxDelayMs":',
  '"timeoutMs":',
  '"headers":{"content-type":"application/json"',
  '"headers":{',
  '"body":',
  '","timeZone":"',
  ',"anchorAt":',
  'https://',
  '"params":{',
  '"}}',
];

/** Bytes that stand for phrases: not those that count as space in Lua's patterns, at which records are taken apart. */
const BYTES = Array.from({ length: 0x1f }, (_, n) => String.fromCharCode(n + 1)).filter(
  (byte) => !'\t\n\v\f\r'.includes(byte),
);
const byteOf = new Map(PHRASES.map((phrase, place) => [phrase, BYTES[place] as string]));
const phraseOf = new Map(PHRASES.map((phrase, place) => [BYTES[place] as string, phrase]));

// The longest that fits, at each place.
const ANY_PHRASE = new RegExp(
  [...PHRASES]
    .sort((a, b) => b.length - a.length)
    .map((phrase) => phrase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|'),
  'g',
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const ANY_BYTE = /[\x01-\x08\x0e-\x1f]/g;

/** The value as JSON, packed. */
export const packJson = (value: unknown): string =>
  JSON.stringify(value).replace(ANY_PHRASE, (phrase) => byteOf.get(phrase) as string);

/** The JSON text again. */
export const unpackJson = (packed: string): string =>
  packed.replace(ANY_BYTE, (byte) => phraseOf.get(byte) ?? byte);
