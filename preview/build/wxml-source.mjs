import { builtinTags } from '../names.mjs';

const builtins = new Set(builtinTags);
const structural = new Set(['block', 'import', 'include', 'slot', 'template', 'wxs']);

// A comment; a <wxs> with its script; or any tag with its attributes, whose quoted values may hold a `>`.
const PIECE =
  /<!--[\s\S]*?-->|<wxs\b(?:[^>]*\/>|[\s\S]*?<\/wxs>)|<(\/?)([A-Za-z][\w-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/g;

/**
 * Makes WXML fit for the compiler, line by line where it was. Built-in tags become `wx-…`, as in WeChat itself: the
 * framework makes a DOM element of the tag's name, and `<input>` or `<image>` are elements of HTML already.
 * `report(line, message)` hears of tags that are neither built in nor in `known` (the component's usingComponents).
 */
export function prepareWxml(source, known, report) {
  const renamed = source.replace(PIECE, (piece, slash, tag, rest, at) => {
    if (piece.startsWith('<!--')) return blank(piece);
    if (tag === undefined) return wxsSource(piece);
    if (builtins.has(tag)) return `<${slash}wx-${tag}${rest}>`;
    if (slash === '' && !structural.has(tag) && !known.has(tag))
      report(
        lineOf(source, at),
        `<${tag}> is neither in usingComponents nor a built-in that the preview knows`,
      );
    return piece;
  });
  // The compiler refuses content of a slot (t-table has some). WeChat shows it when nothing is slotted; we do not.
  return renamed.replace(
    /(<slot\b[^>]*[^/>])>((?:(?!<\/?slot)[\s\S])+?)<\/slot>/g,
    (_, open, inside) => `${open}/>${blank(inside)}`,
  );
}

/** `x.constructor === 'Array'` compares with a string in WXS: runtime/wxs-globals.ts gives every value that name. */
export function wxsSource(source) {
  return source.replace(/\.constructor\b/g, '.__wxsConstructor');
}

function lineOf(source, at) {
  return source.slice(0, at).split('\n').length;
}

function blank(text) {
  return text.replace(/[^\n]/g, '');
}
