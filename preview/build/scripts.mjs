import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { scriptFile } from './project-paths.mjs';
import { checkWxUses } from './wx-uses.mjs';

const runtime = fileURLToPath(new URL('../runtime/', import.meta.url));

/** The address in config.ts that DevTools uses; a preview is served by the server that it talks to. */
const DEVELOP_ADDRESS = /(?<=\bdevelop:\s*)(["'`])https?:\/\/[^"'`]+\1/;

/** esbuild's entry: the framework with all definitions first, then the scripts that fill it, then the first page. */
export function entryModule(root, components) {
  const scripts = [scriptFile(path.join(root, 'app')), ...components.map(({ script }) => script)];
  return [
    `import { start } from ${JSON.stringify(path.join(runtime, 'start.ts'))};`,
    `import 'preview:definition';`,
    ...scripts.filter(Boolean).map((file) => `import ${JSON.stringify(file)};`),
    'start();',
  ].join('\n');
}

/** The module `preview:definition`: all that is not script, handed to the framework before any script runs. */
export function definitionModule({ templates, ...definition }) {
  return [
    `import { define } from ${JSON.stringify(path.join(runtime, 'start.ts'))};`,
    `define(${JSON.stringify(definition)}, ${templates});`,
  ].join('\n');
}

/**
 * esbuild's plugin for the scripts of a mini-program. `current()` answers `{ paths, definition, components }` of the
 * build that is going on; `report(message)` hears of members of `wx` that the preview does not have.
 */
export function miniProgramPlugin(current, report) {
  return {
    name: 'mini-program',
    setup(build) {
      build.onResolve({ filter: /^preview:definition$/ }, () => ({
        path: 'definition',
        namespace: 'preview',
      }));
      build.onLoad({ filter: /.*/, namespace: 'preview' }, () => ({
        contents: current().definition,
        loader: 'js',
        resolveDir: runtime,
      }));
      build.onResolve({ filter: /^[^./]/ }, ({ path: specifier, resolveDir, kind }) => {
        if (kind === 'entry-point' || path.isAbsolute(specifier) || resolveDir.startsWith(runtime))
          return null;
        const file = current().paths.resolveImport(specifier, resolveDir);
        return file === null ? null : { path: file };
      });
      build.onLoad({ filter: /\.(ts|js)$/ }, ({ path: file }) => load(file));
    },
  };

  async function load(file) {
    const { paths, components } = current();
    const codePath = paths.codePathOf(file);
    if (codePath.startsWith('..')) return null;
    const source = fs.readFileSync(file, 'utf8');
    const loader = path.extname(file) === '.ts' ? 'ts' : 'js';
    const isPackage = codePath.startsWith('miniprogram_npm/');
    await checkWxUses(source, { loader, isPackage }, (line, message) =>
      report(`${paths.shown(file)}:${line}: ${message}`),
    );
    const component = components.find(({ script }) => script === file);
    // Imports are hoisted: this runs after what the file imports and right before its own Component() or Page().
    const enter = component ? `globalThis.previewEnter(${JSON.stringify(component.codePath)});` : '';
    const isConfig = codePath === 'config.ts';
    if (isConfig && !DEVELOP_ADDRESS.test(source))
      report(`${paths.shown(file)}: no address after "develop:"`);
    const contents = isConfig ? source.replace(DEVELOP_ADDRESS, 'location.origin') : source;
    return { contents: enter + contents, loader };
  }
}
