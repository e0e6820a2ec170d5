import fs from 'node:fs';
import path from 'node:path';

/**
 * Where the files of a mini-program lie, and what the framework calls them. A file's code path is its path from the
 * mini-program's folder without extension; one of an npm package is `miniprogram_npm/<package>/…`, as in DevTools,
 * whether it lies there or is still in `modules` (a node_modules folder).
 */
export function createProjectPaths({ root, modules }) {
  const packages = new Map();

  function packageFolder(name) {
    if (!packages.has(name)) {
      const found = findPackage(name);
      // esbuild reports real paths, and pnpm's packages are links.
      packages.set(name, found === null ? null : fs.realpathSync(found));
    }
    return packages.get(name);
  }

  function findPackage(name) {
    const built = path.join(root, 'miniprogram_npm', name);
    if (fs.existsSync(built)) return built;
    const manifest = path.join(modules, name, 'package.json');
    if (!fs.existsSync(manifest)) return null;
    const folder = path.join(modules, name, readJson(manifest).miniprogram ?? 'miniprogram_dist');
    return fs.existsSync(folder) ? folder : null;
  }

  return {
    root,

    codePathOf(file) {
      for (const [name, folder] of packages)
        if (folder !== null && file.startsWith(folder + path.sep))
          return toPosix(path.join('miniprogram_npm', name, path.relative(folder, file)));
      return toPosix(path.relative(root, file));
    },

    /** The inverse: where a code path lies, without extension. */
    baseOf(codePath) {
      const [, name, inside] = /^miniprogram_npm\/((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(codePath) ?? [];
      const folder = name === undefined ? null : packageFolder(name);
      return folder === null ? path.join(root, codePath) : path.join(folder, inside);
    },

    /** A file as people know it, for messages. */
    shown(file) {
      return `${path.basename(root)}/${this.codePathOf(file)}`;
    },

    /** What a value of `usingComponents` means in `fromBase`.json: a path without extension, or null. */
    resolveComponent(reference, fromBase) {
      const candidates = reference.startsWith('/')
        ? [path.join(root, reference)]
        : [path.resolve(path.dirname(fromBase), reference), ...inPackage(reference)];
      return (
        candidates
          .flatMap((base) => [base, path.join(base, 'index')])
          .find((base) => fs.existsSync(`${base}.json`)) ?? null
      );
    },

    /** A bare import of a script in `folder`: npm packages of the mini-program, nested ones first. Null: not ours. */
    resolveImport(specifier, folder) {
      for (let at = folder; at !== path.dirname(at); at = path.dirname(at)) {
        const found = scriptFile(path.join(at, 'miniprogram_npm', specifier));
        if (found !== null) return found;
      }
      return inPackage(specifier).map(scriptFile).find(Boolean) ?? null;
    },
  };

  function inPackage(reference) {
    const [, name, inside] = /^((?:@[^/]+\/)?[^/.][^/]*)(?:\/(.*))?$/.exec(reference) ?? [];
    const folder = name === undefined ? null : packageFolder(name);
    return folder === null ? [] : [path.join(folder, inside ?? 'index')];
  }
}

/** The script that belongs to a path without extension, or null. */
export function scriptFile(base) {
  const files = [base, `${base}.ts`, `${base}.js`, path.join(base, 'index.ts'), path.join(base, 'index.js')];
  return files.find((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile()) ?? null;
}

/** Throws an error that names the file, as `shown` to people. */
export function readJson(file, shown = file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${shown}: ${error.message}`);
  }
}

function toPosix(file) {
  return file.split(path.sep).join('/');
}
