import { transform } from 'esbuild';
import { wxApis } from '../names.mjs';

const known = new Set(wxApis);

/** What the mini-program mentions and the preview need not have: name → why it is not reached here. */
const unreached = new Map([['cloud', 'only used when config.ts names a CloudBase environment']]);

/** The same for npm packages, that is TDesign. */
const unreachedInPackages = new Map([
  ['getMenuButtonBoundingClientRect', 'only asked by components that are told of a custom navigation bar'],
]);

/**
 * Calls `report(line, message)` for each `wx.xyz` in a script that the preview does not have. Only the global counts:
 * esbuild's `define` tells it from a parameter of the same name.
 */
export async function checkWxUses(source, { loader, isPackage }, report) {
  if (!/\bwx\b/.test(source)) return;
  const { code } = await transform(source, { loader, define: { wx: 'previewGlobalWx' }, tsconfigRaw: {} });
  const names = [...code.matchAll(/\bpreviewGlobalWx\??\.([A-Za-z]+)/g)].map(([, name]) => name);
  const allowed = isPackage ? unreachedInPackages : unreached;
  for (const name of new Set(names)) {
    if (known.has(name) || allowed.has(name)) continue;
    const before = source.slice(0, source.search(new RegExp(`\\bwx\\??\\s*\\.\\s*${name}\\b`)));
    report(before.split('\n').length, `wx.${name} is not in the preview (preview/names.mjs)`);
  }
}
