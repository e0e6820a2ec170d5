import fs from 'node:fs';
import path from 'node:path';
import { readJson, scriptFile } from './project-paths.mjs';

/**
 * Follows app.json to the pages and `usingComponents` to all components. Answers `{ app, theme, pages, components }`;
 * a component is `{ codePath, base, json, script, scope, isPage }`, its `json.usingComponents` holding absolute code
 * paths. What is missing is told to `report(message)`.
 */
export function crawl(paths, report) {
  const { root } = paths;
  const json = (file) => readJson(file, paths.shown(file));
  const app = json(path.join(root, 'app.json'));
  const components = new Map();
  for (const page of app.pages) visit(path.join(root, page), true);
  return {
    app,
    theme: app.themeLocation === undefined ? {} : json(path.join(root, app.themeLocation)),
    pages: app.pages,
    components: [...components.values()],
  };

  function visit(base, isPage) {
    const codePath = paths.codePathOf(base);
    if (components.has(codePath)) return;
    const wxml = readText(`${base}.wxml`);
    if (wxml === null) return report(`${paths.shown(base)}.wxml: there is no such file`);
    const script = scriptFile(base);
    if (script === null) return report(`${paths.shown(base)}.ts: there is no such file`);
    const own = fs.existsSync(`${base}.json`) ? json(`${base}.json`) : {};
    const styleIsolation = isolationOf(own, fs.readFileSync(script, 'utf8'));
    const isShared = styleIsolation === 'shared' || styleIsolation === 'page-shared';
    const component = {
      codePath,
      base,
      // The framework reads the isolation from here only, never from the options of Component().
      json: { ...own, styleIsolation, usingComponents: {} },
      script,
      scope: isShared ? '' : `s${components.size.toString(36)}`,
      isPage,
    };
    components.set(codePath, component);
    for (const [tag, reference, from] of usedTags(base, own, wxml)) {
      const target = paths.resolveComponent(reference, from);
      if (target === null) {
        report(`${paths.shown(base)}.json: <${tag}> is ${reference}, and there is no such component`);
        continue;
      }
      component.json.usingComponents[tag] = `/${paths.codePathOf(target)}`;
      visit(target, false);
    }
  }

  /** Of what app.json offers to all, only what this WXML names: else each page would pull in everything. */
  function usedTags(base, own, wxml) {
    const tags = Object.entries(own.usingComponents ?? {}).map(([tag, to]) => [tag, to, base]);
    for (const [tag, to] of Object.entries(app.usingComponents ?? {}))
      if (!(tag in (own.usingComponents ?? {})) && new RegExp(`<${tag}[\\s/>]`).test(wxml))
        tags.push([tag, to, path.join(root, 'app')]);
    return tags;
  }
}

/** TDesign sets it in its scripts' options, as `styleIsolation: 'shared'` or `addGlobalClass: true`. */
function isolationOf(json, script) {
  if (json.styleIsolation !== undefined) return json.styleIsolation;
  const option = /styleIsolation["']?\s*:\s*["']([a-z-]+)["']/.exec(script)?.[1];
  if (option !== undefined) return option;
  if (!json.component) return 'shared';
  return /addGlobalClass["']?\s*:\s*(true|!0)/.test(script) ? 'apply-shared' : 'isolated';
}

function readText(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
}
