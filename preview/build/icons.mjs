import fs from 'node:fs';

const codepoints = JSON.parse(fs.readFileSync(new URL('../icons/codepoints.json', import.meta.url), 'utf8'));

/** Where the icon font lies; the build copies it beside the page. */
export const iconFont = new URL('../icons/t.woff', import.meta.url);

/**
 * TDesign's icon component loads its font from the web. Here it is a file of our own, so that the preview works
 * without a network. The font is that of tdesign-icons-web-components 0.3.9; codepoints.json holds the icons that have
 * another number there than in tdesign-miniprogram 1.16.0.
 */
export function useLocalIcons(sheet) {
  let isIconSheet = false;
  sheet.walkAtRules('font-face', (face) =>
    face.walkDecls('src', (source) => {
      if (!source.value.includes('tdesign.gtimg.com/icon/')) return;
      source.value = "url(t.woff) format('woff')";
      isIconSheet = true;
    }),
  );
  if (!isIconSheet) return;
  sheet.walkRules((rule) => {
    const [, name] = /^\.t-icon-([a-z0-9-]+):+before$/.exec(rule.selector) ?? [];
    const codepoint = codepoints[name];
    if (codepoint === undefined) return;
    rule.walkDecls('content', (content) => {
      content.value = `"\\${codepoint}"`;
    });
  });
}
