import { builtinTags } from '../names.mjs';

const builtins = new Set(builtinTags);
const structural = new Set(['block', 'import', 'include', 'slot', 'template', 'wxs']);

// A comment; a <wxs> with its script; or any tag with its attributes, whose quoted values may hold a `>`.
const PIECE =
  /<!--[\s\S]*?-->|<wxs\b(?:[^>]*\/>|[\s\S]*?<\/wxs>)|<(\/?)([A-Za-z][\w-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/g;

/**
 * Makes WXML fit for the compiler, line by line where it was. Built-in tags become `wx-…`, as in WeChat itself: the
 * framework makes a DOM element of the tag's name, and `<input>` or `<image>` are elements of HTML already.
 * `report(line, message)` hears of tags that are neither built in nor in `known` (the component's usingComponents),
 * and of WXS functions that are told of events or changes.
 */
export function prepareWxml(source, known, report) {
  const modules = [...source.matchAll(/<wxs\b[^>]*\bmodule=["'](\w+)/g)].map(([, name]) => name);
  const calledHandler = new RegExp(`(bind|catch|change):?[\\w-]+=["']{{[^"']*\\b(${modules.join('|')})\\.`);
  return source.replace(PIECE, (piece, slash, tag, rest, at) => {
    const complain = (message) => report(source.slice(0, at).split('\n').length, message);
    if (piece.startsWith('<!--')) return piece.replace(/[^\n]/g, '');
    if (tag === undefined) return wxsSource(piece);
    if (modules.length > 0 && calledHandler.test(rest))
      complain(`<${tag}> calls WXS, which the preview does in {{ }} only`);
    if (builtins.has(tag)) return `<${slash}wx-${tag}${rest}>`;
    if (!structural.has(tag) && !known.has(tag) && slash === '')
      complain(`<${tag}> is neither in usingComponents nor a built-in that the preview knows`);
    return piece;
  });
}

/** `x.constructor === 'Array'` compares with a string in WXS: runtime/wxs-globals.ts gives every value that name. */
export function wxsSource(source) {
  return source.replace(/\.constructor\b/g, '.__wxsConstructor');
}
