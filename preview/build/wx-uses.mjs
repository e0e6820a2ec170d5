import { transform } from 'esbuild';
import { wxApis } from '../names.mjs';

const allowed = new Set([
  ...wxApis,
  // Only used when config.ts names a CloudBase environment.
  'cloud',
  // TDesign asks where the newer calls are missing.
  'getSystemInfoSync',
  // TDesign's components ask for it when they are told of a navigation bar of one's own.
  'getMenuButtonBoundingClientRect',
]);

/**
 * Calls `report(line, message)` for each `wx.xyz` in a script that the preview does not have. Only the global counts:
 * esbuild's `define` tells it from a parameter of the same name.
 */
export async function checkWxUses(source, loader, report) {
  if (!/\bwx\b/.test(source)) return;
  const { code } = await transform(source, { loader, define: { wx: 'previewGlobalWx' }, tsconfigRaw: {} });
  const names = [...code.matchAll(/\bpreviewGlobalWx\??\.([A-Za-z]+)/g)].map(([, name]) => name);
  for (const name of new Set(names)) {
    if (allowed.has(name)) continue;
    const before = source.slice(0, source.search(new RegExp(`\\bwx\\??\\s*\\.\\s*${name}\\b`)));
    report(before.split('\n').length, `wx.${name} is not in the preview (preview/names.mjs)`);
  }
}
