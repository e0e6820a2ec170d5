import fs from 'node:fs';
import path from 'node:path';

/**
 * Where the files of the mini-program in `root` lie, and what the framework calls them: a code path is the path from
 * there without extension. npm packages are in its miniprogram_npm, as in DevTools.
 */
export function createProjectPaths(root) {
  const codePathOf = (file) => path.relative(root, file).split(path.sep).join('/');
  return {
    root,
    codePathOf,

    /** A file as people know it, for messages. */
    shown: (file) => `${path.basename(root)}/${codePathOf(file)}`,

    /** What a value of `usingComponents` means in `fromBase`.json: a path without extension, or null. */
    resolveComponent(reference, fromBase) {
      const folders = [path.dirname(fromBase), path.join(root, 'miniprogram_npm')];
      const candidates = reference.startsWith('/')
        ? [path.join(root, reference)]
        : folders.map((folder) => path.join(folder, reference));
      return candidates.find((base) => fs.existsSync(`${base}.json`)) ?? null;
    },

    /** A bare import of a script in `folder`: an npm package of the mini-program, a nested one first; or null. */
    resolveImport(specifier, folder) {
      for (let at = folder; at.startsWith(root); at = path.dirname(at)) {
        const found = scriptFile(path.join(at, 'miniprogram_npm', specifier));
        if (found !== null) return found;
      }
      return null;
    },
  };
}

/** The script that belongs to a path without extension, or null. */
export function scriptFile(base) {
  return (
    [`${base}.ts`, `${base}.js`, path.join(base, 'index.js')].find((file) => fs.existsSync(file)) ?? null
  );
}
