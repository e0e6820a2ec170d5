import fs from 'node:fs';
import path from 'node:path';
import { TmplGroup } from 'glass-easel-template-compiler';
import { prepareWxml, wxsSource } from './wxml-source.mjs';

// In the compiler's output Q holds hooks: A filters `change:prop` functions, C wraps event listeners. D defines a WXS
// module; its functions are marked, since `{{disabled || m.onDrag}}` does not say where its value came from.
const HOOKS = `
Object.assign(Q, globalThis.previewWxsHooks);
if (typeof D !== 'undefined') {
  var define = D;
  D = function (name, body) {
    var load = define(name, body);
    return function () {
      var exported = load();
      for (var key in exported) if (typeof exported[key] === 'function') exported[key].isWxs = true;
      return exported;
    };
  };
}
`;

/**
 * Compiles the WXML of all components with what it imports, includes and requires. Answers a JavaScript expression:
 * code path → generated template. `report(message)` hears of errors, with file and line.
 */
export function compileTemplates(paths, components, report) {
  const group = new TmplGroup();
  const done = new Set();
  try {
    group.setExtraRuntimeScript(HOOKS);
    for (const { codePath, json } of components)
      addTemplate(codePath, new Set(Object.keys(json.usingComponents)), null);
    return group.getTmplGenObjectGroups();
  } finally {
    group.free();
  }

  function addTemplate(codePath, known, from) {
    if (done.has(codePath)) return;
    done.add(codePath);
    const file = `${paths.baseOf(codePath)}.wxml`;
    if (!exists(file, from)) return group.addTmpl(codePath, '');
    const shown = paths.shown(file);
    const source = prepareWxml(fs.readFileSync(file, 'utf8'), known, (line, message) =>
      report(`${shown}:${line}: ${message}`),
    );
    for (const { isError, startLine, message } of group.addTmpl(codePath, source))
      if (isError) report(`${shown}:${startLine + 1}: ${message}`);
    for (const other of group.getDirectDependencies(codePath)) addTemplate(other, known, file);
    for (const script of group.getScriptDependencies(codePath)) addScript(script, file);
  }

  function addScript(name, from) {
    const codePath = name.replace(/\.wxs$/, '');
    if (done.has(`${codePath}.wxs`)) return;
    done.add(`${codePath}.wxs`);
    const file = `${paths.baseOf(codePath)}.wxs`;
    if (!exists(file, from)) return;
    // The compiler knows scripts by their code path, without the extension.
    const source = wxsSource(fs.readFileSync(file, 'utf8')).replace(
      /(require\(\s*['"][^'"]+?)\.wxs(['"]\s*\))/g,
      '$1$2',
    );
    group.addScript(codePath, source);
    for (const [, required] of source.matchAll(/require\(\s*['"]([^'"]+)['"]\s*\)/g))
      addScript(
        required.startsWith('/')
          ? required.slice(1)
          : path.posix.join(path.posix.dirname(codePath), required),
        file,
      );
  }

  function exists(file, from) {
    if (fs.existsSync(file)) return true;
    report(`${paths.shown(from ?? file)}: there is no ${paths.shown(file)}`);
    return false;
  }
}
