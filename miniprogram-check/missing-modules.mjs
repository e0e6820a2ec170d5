import path from 'node:path';

/**
 * `require`s of compiled scripts that lead to no file of the package, as lines `file requires what`. The compiler takes
 * them without a word (a value from `shared/`, a name that is mistyped), and the phone fails when it gets there.
 * `files` are the compiled ones by path; those of npm packages are theirs to get right.
 */
export function missingModules(files) {
  const scripts = Object.keys(files).filter(
    (name) => name.endsWith('.js') && !name.includes('miniprogram_npm') && !name.startsWith('@babel'),
  );
  return scripts.flatMap((name) =>
    [...String(files[name]).matchAll(/\brequire\("([^"]+)"\)/g)]
      .map(([, specifier]) => specifier)
      .filter((specifier) => !candidates(name, specifier).some((candidate) => exists(files, candidate)))
      .map((specifier) => `${name} requires ${specifier}, which is not in the package`),
  );
}

function candidates(from, specifier) {
  const here = path.posix.dirname(from);
  if (specifier.startsWith('.')) return [path.posix.join(here, specifier)];
  if (specifier.startsWith('/')) return [specifier.slice(1)];
  const found = [specifier];
  for (let folder = here; ; folder = path.posix.dirname(folder)) {
    found.push(path.posix.join(folder, 'miniprogram_npm', specifier));
    if (folder === '.') return found;
  }
}

const exists = (files, name) =>
  [name, `${name}.js`, `${name}/index.js`].some((candidate) => candidate in files);
