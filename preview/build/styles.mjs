import fs from 'node:fs';
import path from 'node:path';
import postcss from 'postcss';
import { useLocalIcons } from './icons.mjs';
import { rewriteSelector } from './selectors.mjs';

const THEME = /^\(prefers-color-scheme:\s*(dark|light)\)$/;

/** Turns a WXSS file into CSS for one document; '' without a file. `report(message)` hears of errors. */
export function compileSheet(paths, file, report, { scope = '', page = '' } = {}) {
  if (!fs.existsSync(file)) return '';
  try {
    return convert(readSheet(paths.root, file), { scope, page }).toString();
  } catch (error) {
    if (error.name !== 'CssSyntaxError') throw error;
    report(`${paths.shown(error.file ?? file)}:${error.line}: ${error.reason}`);
    return '';
  }
}

/** With what it imports in place. */
function readSheet(root, file, importers = []) {
  const sheet = postcss.parse(fs.readFileSync(file, 'utf8'), { from: file });
  sheet.walkAtRules('import', (rule) => {
    const wanted = /["']([^"']+)["']/.exec(rule.params)?.[1] ?? '';
    const target = path.join(wanted.startsWith('/') ? root : path.dirname(file), wanted);
    if (!fs.existsSync(target)) throw rule.error(`@import of ${wanted}, and there is no such file`);
    if (target === file || importers.includes(target)) throw rule.error(`@import of ${wanted} in a circle`);
    rule.replaceWith(readSheet(root, target, [...importers, file]).nodes);
  });
  return sheet;
}

function convert(sheet, { scope, page }) {
  useLocalIcons(sheet);
  sheet.walkDecls((declaration) => {
    declaration.value = lengths(declaration.value);
  });
  sheet.walkRules((rule) => {
    if (rule.parent.type === 'atrule' && /keyframes$/.test(rule.parent.name)) return;
    rule.selector = rewriteSelector(rule.selector, { scope, page, theme: themeOf(rule) });
  });
  // The toolbar switches the theme, which a media query would not notice: the rules ask the document instead.
  sheet.walkAtRules('media', (rule) => {
    if (THEME.test(rule.params)) rule.replaceWith(rule.nodes);
    else if (rule.params.includes('prefers-color-scheme'))
      throw rule.error('prefers-color-scheme together with other conditions');
  });
  return sheet;
}

/** Of the rule's own @media; WXSS has no nested ones. */
function themeOf({ parent }) {
  return parent.type === 'atrule' && parent.name === 'media'
    ? (THEME.exec(parent.params)?.[1] ?? null)
    : null;
}

/** rpx: 750 to the phone's width. vh: of the page without its bars, which is a container (see shell/phone.css). */
function lengths(value) {
  return value.replace(/(-?\d*\.?\d+)rpx\b/g, 'calc($1 * var(--rpx))').replace(/(-?\d*\.?\d+)vh\b/g, '$1cqh');
}
