import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { crawl } from './crawl.mjs';
import { writePages, writeProblems } from './pages.mjs';
import { createProjectPaths } from './project-paths.mjs';
import { definitionModule, entryModule, miniProgramPlugin } from './scripts.mjs';
import { createStyles } from './styles.mjs';
import { compileTemplates } from './templates.mjs';

const frame = fileURLToPath(new URL('../shell/frame.ts', import.meta.url));

/**
 * Builds the mini-program in `root` for a browser, into `out`. `modules` is the node_modules folder. `build()` answers
 * the problems, each `file:line: what`, none when all went well; again and again it is faster, since sheets and
 * scripts that have not changed are kept. End with `close()`.
 */
export function createPreviewBuilder({ root, out, modules }) {
  let problems = [];
  const report = (problem) => void problems.push(problem);
  let current;
  let bundle;
  let bundledEntry;
  // Found anew with each build: a package may have been installed in between.
  const pathsOf = () => createProjectPaths({ root: fs.realpathSync(root), modules: path.resolve(modules) });
  const styleOf = createStyles(pathsOf(), report);

  async function build() {
    problems = [];
    fs.mkdirSync(out, { recursive: true });
    try {
      await buildAll();
    } catch (error) {
      // esbuild has its own list; anything else is one problem, such as an app.json that is no JSON.
      for (const { text, location } of error.errors ?? [{ text: error.message, location: null }])
        report(location === null ? text : `${location.file}:${location.line}: ${text}`);
    }
    problems = [...new Set(problems)];
    if (problems.length > 0) writeProblems(out, problems);
    return problems;
  }

  async function buildAll() {
    const paths = pathsOf();
    const { app, theme, pages, components } = crawl(paths, report);
    const templates = compileTemplates(paths, components, report);
    const styles = { app: styleOf(path.join(paths.root, 'app.wxss')) };
    for (const { codePath, base, scope, isPage } of components)
      styles[codePath] = styleOf(`${base}.wxss`, { scope, page: isPage && scope === '' ? codePath : '' });
    const definition = definitionModule({
      app,
      theme,
      pages,
      styles,
      components: components.map(({ codePath, json, scope, isPage }) => ({ codePath, json, scope, isPage })),
      templates,
    });
    current = { paths, definition, components };
    writePages(paths.root, out);
    await bundleScripts(entryModule(paths.root, components));
  }

  async function bundleScripts(entry) {
    if (bundledEntry !== entry) {
      await bundle?.dispose();
      bundle = await contextOf(entry);
      bundledEntry = entry;
    }
    await bundle.rebuild();
  }

  function contextOf(entry) {
    return esbuild.context({
      // Through the plugin, so that the mini-program's entry and the frame are one build.
      entryPoints: { phone: 'preview:entry', frame },
      bundle: true,
      format: 'iife',
      target: 'es2022',
      outdir: path.resolve(out),
      absWorkingDir: path.dirname(current.paths.root),
      sourcemap: true,
      logLevel: 'silent',
      // The mini-program's own tsconfig is for DevTools and the type check.
      tsconfigRaw: {},
      plugins: [entryPlugin(entry), miniProgramPlugin(() => current, report)],
    });
  }

  return { build, close: async () => bundle?.dispose() };
}

function entryPlugin(entry) {
  return {
    name: 'entry',
    setup(build) {
      build.onResolve({ filter: /^preview:entry$/ }, () => ({ path: 'entry', namespace: 'entry' }));
      build.onLoad({ filter: /.*/, namespace: 'entry' }, () => ({
        contents: entry,
        loader: 'js',
        resolveDir: path.dirname(frame),
      }));
    },
  };
}
