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
  defaults: { decode: false, userSelect: false, selectable: false, space: '' },
  attach(host) {
    const update = () => {
      host.element.dataset.space = host.data.space;
      host.element.toggleAttribute('selectable', host.data.userSelect || host.data.selectable);
      for (const child of host.element.childNodes) {
        if (!(child instanceof Text)) continue;
        const shown = shownText(child.data, host.data.decode);
        // Only a difference is written: each writing calls this function once more.
        if (shown !== child.data) child.data = shown;
      }
    };
    new MutationObserver(update).observe(host.element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return update;
  },
});

function shownText(written: string, decode: boolean): string {
  const lines = written.replaceAll('\\n', '\n');
  return decode ? lines.replace(/&[a-z]+;/g, (entity) => entities[entity] ?? entity) : lines;
}
