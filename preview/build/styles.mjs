import fs from 'node:fs';
import path from 'node:path';
import postcss from 'postcss';
import { useLocalIcons } from './icons.mjs';
import { rewriteSelector } from './selectors.mjs';

const THEME = /^\(prefers-color-scheme:\s*(dark|light)\)$/;

/**
 * Turns WXSS into CSS for one document: `styleOf(file, { scope, page })` answers the sheet, '' without a file. Sheets
 * are kept between builds as long as no file that went into them has changed. `report(message)` hears of errors.
 */
export function createStyles(paths, report) {
  const kept = new Map();

  return function styleOf(file, { scope = '', page = '' } = {}) {
    if (!fs.existsSync(file)) return '';
    const key = `${file} ${scope} ${page}`;
    const before = kept.get(key);
    if (before?.sources.every(([source, text]) => textOf(source) === text)) return before.css;
    const sources = [];
    try {
      const css = convert(parse(file, sources), { scope, page }).toString();
      kept.set(key, { css, sources });
      return css;
    } catch (error) {
      if (error.name !== 'CssSyntaxError') throw error;
      report(`${paths.shown(error.file ?? file)}:${error.line}: ${error.reason}`);
      return '';
    }
  };

  function parse(file, sources, importers = []) {
    const text = fs.readFileSync(file, 'utf8');
    sources.push([file, text]);
    const sheet = postcss.parse(text, { from: file });
    sheet.walkAtRules('import', (rule) => {
      const wanted = /["']([^"']+)["']/.exec(rule.params)?.[1] ?? '';
      const target = wanted.startsWith('/')
        ? path.join(paths.root, wanted)
        : path.resolve(path.dirname(file), wanted);
      if (!fs.existsSync(target)) throw rule.error(`@import of ${wanted}, and there is no such file`);
      if (target === file || importers.includes(target)) throw rule.error(`@import of ${wanted} in a circle`);
      rule.replaceWith(parse(target, sources, [...importers, file]).nodes);
    });
    return sheet;
  }
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

function themeOf(rule) {
  for (let at = rule.parent; at !== undefined; at = at.parent) {
    const theme = at.type === 'atrule' && at.name === 'media' ? THEME.exec(at.params) : null;
    if (theme !== null) return theme[1];
  }
  return null;
}

/** rpx: 750 to the phone's width. vh: of the page without its bars, which is a container (see shell/phone.css). */
function lengths(value) {
  return value.replace(/(-?\d*\.?\d+)rpx\b/g, 'calc($1 * var(--rpx))').replace(/(-?\d*\.?\d+)vh\b/g, '$1cqh');
}

function textOf(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
}
