import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { crawl } from './crawl.mjs';
import { writePages, writeProblems } from './pages.mjs';
import { createProjectPaths } from './project-paths.mjs';
import { miniProgramPlugin } from './scripts.mjs';
import { compileSheet } from './styles.mjs';
import { compileTemplates } from './templates.mjs';

const frame = fileURLToPath(new URL('../shell/frame.ts', import.meta.url));

/**
 * Builds the mini-program in `root`, its npm packages in its miniprogram_npm, for a browser, into `out`. `build()`
 * answers the problems, each `file:line: what`, none when all went well; it can be called again and again, one call
 * after the other. End with `close()`.
 */
export function createPreviewBuilder({ root, out }) {
  // esbuild reports real paths.
  const paths = createProjectPaths(fs.realpathSync(root));
  let problems = new Set();
  let current;
  let bundle;
  const report = (problem) => void problems.add(problem);

  async function build() {
    problems = new Set();
    fs.mkdirSync(out, { recursive: true });
    try {
      await buildAll();
    } catch (error) {
      // esbuild has its own list; anything else is one problem, such as an app.json that is no JSON.
      for (const { text, location } of error.errors ?? [{ text: error.message, location: null }])
        report(location === null ? text : `${location.file}:${location.line}: ${text}`);
    }
    if (problems.size > 0) writeProblems(out, [...problems]);
    return [...problems];
  }

  async function buildAll() {
    const { components, ...app } = crawl(paths, report);
    const styles = { app: compileSheet(paths, path.join(paths.root, 'app.wxss'), report) };
    for (const { codePath, base, scope, isPage } of components) {
      const page = isPage && scope === '' ? codePath : '';
      styles[codePath] = compileSheet(paths, `${base}.wxss`, report, { scope, page });
    }
    const announced = components.map(({ codePath, json, scope, isPage }) => ({
      codePath,
      json,
      scope,
      isPage,
    }));
    const definition = { ...app, styles, components: announced };
    current = { paths, components, definition, templates: compileTemplates(paths, components, report) };
    writePages(paths.root, out);
    bundle ??= await createBundle();
    await bundle.rebuild();
  }

  function createBundle() {
    return esbuild.context({
      entryPoints: { phone: 'preview:entry', frame },
      bundle: true,
      format: 'iife',
      target: 'es2022',
      outdir: path.resolve(out),
      absWorkingDir: path.dirname(paths.root),
      sourcemap: true,
      logLevel: 'silent',
      // The mini-program's own tsconfig is for DevTools and the type check.
      tsconfigRaw: {},
      plugins: [miniProgramPlugin(() => current, report)],
    });
  }

  return { build, close: async () => bundle?.dispose() };
}
