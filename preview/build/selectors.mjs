import selectorParser from 'postcss-selector-parser';
import { builtinTags } from '../names.mjs';

const builtins = new Set(builtinTags);

/**
 * Rewrites one selector. Tags: `page` and built-ins get their `wx-` name. Classes of a component with a scope get it
 * as prefix, as the framework writes them. All pages share one document, so a page's sheet is tied to its page, and a
 * theme's rules to the document's data-theme; `:where` adds no weight, so the cascade stays as it was written.
 */
export function rewriteSelector(selector, { scope, page, theme }) {
  return selectorParser((root) => {
    root.walkTags((tag) => {
      if (tag.value === 'page' || builtins.has(tag.value)) tag.value = `wx-${tag.value}`;
    });
    if (scope !== '')
      root.walkClasses((name) => {
        name.value = `${scope}--${name.value}`;
      });
    root.walkPseudos((pseudo) => {
      if (pseudo.value === ':host')
        pseudo.replaceWith(
          selectorParser.attribute({ attribute: 'wx-host', operator: '=', value: scope, quoteMark: null }),
        );
    });
    root.each((one) => {
      if (page !== '') one.prepend(selectorParser.pseudo({ value: `:where([data-page="${page}"]) ` }));
      if (theme !== null) one.prepend(selectorParser.pseudo({ value: `:where([data-theme="${theme}"]) ` }));
    });
  }).processSync(selector);
}
