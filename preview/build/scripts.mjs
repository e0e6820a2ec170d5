import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { scriptFile } from './project-paths.mjs';
import { checkWxUses } from './wx-uses.mjs';

const runtime = fileURLToPath(new URL('../runtime/', import.meta.url));
const start = JSON.stringify(path.join(runtime, 'start.ts'));

/** The address in config.ts that DevTools uses; a preview is served by the server that it talks to. */
const DEVELOP_ADDRESS = /(?<=\bdevelop:\s*)(["'`])https?:\/\/[^"'`]+\1/;

/**
 * esbuild's plugin for the scripts of a mini-program. `current()` answers `{ paths, components, definition, templates }`
 * of the build that is going on; `report(message)` hears of members of `wx` that the preview does not have.
 */
export function miniProgramPlugin(current, report) {
  const modules = {
    // The framework with all definitions first, then the scripts that fill it, then the first page.
    'preview:entry'() {
      const { paths, components } = current();
      const scripts = [scriptFile(path.join(paths.root, 'app')), ...components.map(({ script }) => script)];
      const imports = ['preview:definition', ...scripts.filter(Boolean)].map(
        (file) => `import ${JSON.stringify(file)};`,
      );
      return `import { start } from ${start};\n${imports.join('\n')}\nstart();`;
    },
    // All that is not script, handed to the framework before any script runs.
    'preview:definition'() {
      const { definition, templates } = current();
      return `import { define } from ${start};\ndefine(${JSON.stringify(definition)}, ${templates});`;
    },
  };

  return {
    name: 'mini-program',
    setup(build) {
      build.onResolve({ filter: /^preview:/ }, ({ path: name }) => ({ path: name, namespace: 'preview' }));
      build.onLoad({ filter: /.*/, namespace: 'preview' }, ({ path: name }) => ({
        contents: modules[name](),
        resolveDir: runtime,
      }));
      build.onResolve({ filter: /^[^./]/ }, ({ path: specifier, resolveDir }) => {
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
    const loader = path.extname(file).slice(1);
    await checkWxUses(source, loader, (line, message) => report(`${paths.shown(file)}:${line}: ${message}`));
    const component = components.find(({ script }) => script === file);
    // Imports are hoisted: this runs after what the file imports and right before its own Component() or Page().
    const enter = component ? `globalThis.previewEnter(${JSON.stringify(component.codePath)});` : '';
    if (codePath !== 'config.ts') return { contents: enter + source, loader };
    if (!DEVELOP_ADDRESS.test(source)) report(`${paths.shown(file)}: no address after "develop:"`);
    return { contents: source.replace(DEVELOP_ADDRESS, 'location.origin'), loader };
  }
}
