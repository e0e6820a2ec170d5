import { builtin } from './define-builtin.ts';

/** The entities that `decode` stands for, and no others. */
const entities: Record<string, string> = {
  '&nbsp;': '\u00a0',
  '&ensp;': '\u2002',
  '&emsp;': '\u2003',
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&apos;': "'",
};

/** Text in which a written `\n` is a new line, and with `decode` an entity its character. */
export const text = builtin({
  defaults: { decode: false, userSelect: false },
  attach({ element, data }) {
    const update = () => {
      element.toggleAttribute('selectable', data.userSelect);
      for (const child of element.childNodes) {
        if (!(child instanceof Text)) continue;
        const lines = child.data.replaceAll('\\n', '\n');
        const shown = data.decode
          ? lines.replace(/&[a-z]+;/g, (entity) => entities[entity] ?? entity)
          : lines;
        // Only a difference is written: each writing calls this function once more.
        if (shown !== child.data) child.data = shown;
      }
    };
    new MutationObserver(update).observe(element, { childList: true, characterData: true, subtree: true });
    return update;
  },
});
