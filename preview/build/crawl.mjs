import fs from 'node:fs';
import path from 'node:path';
import { scriptFile } from './project-paths.mjs';

/**
 * Follows app.json to the pages and `usingComponents` to all components. Answers `{ app, theme, pages, components }`;
 * a component is `{ codePath, base, json, script, scope, isPage }`, its `json.usingComponents` holding absolute code
 * paths. What is missing is told to `report(message)`; throws when a JSON file is none, naming it.
 */
export function crawl(paths, report) {
  const { root, codePathOf, shown, resolveComponent } = paths;
  const app = readJson(path.join(root, 'app.json'));
  const components = new Map();
  for (const page of app.pages) visit(path.join(root, page), true);
  return {
    app,
    theme: app.themeLocation === undefined ? {} : readJson(path.join(root, app.themeLocation)),
    pages: app.pages,
    components: [...components.values()],
  };

  function visit(base, isPage) {
    const codePath = codePathOf(base);
    if (components.has(codePath)) return;
    const script = scriptFile(base);
    if (script === null) return report(`${shown(base)}.ts: there is no such file`);
    const own = fs.existsSync(`${base}.json`) ? readJson(`${base}.json`) : {};
    const { styleIsolation = own.component ? 'isolated' : 'shared' } = own;
    const usingComponents = {};
    components.set(codePath, {
      codePath,
      base,
      // The framework reads the isolation from here only, never from the options of Component().
      json: { ...own, styleIsolation, usingComponents },
      script,
      scope: ['shared', 'page-shared'].includes(styleIsolation) ? '' : `s${components.size.toString(36)}`,
      isPage,
    });
    for (const [tag, reference] of Object.entries(own.usingComponents ?? {})) {
      const target = resolveComponent(reference, base);
      if (target === null) {
        report(`${shown(base)}.json: <${tag}> is ${reference}, and there is no such component`);
        continue;
      }
      usingComponents[tag] = `/${codePathOf(target)}`;
      visit(target, false);
    }
  }

  function readJson(file) {
    try {
      return JSON.parse(fs.readFileSync(file, 'utf8'));
    } catch (error) {
      throw new Error(`${shown(file)}: ${error.message}`);
    }
  }
}
