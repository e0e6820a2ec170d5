import fs from 'node:fs';
import path from 'node:path';
import { TmplGroup } from 'glass-easel-template-compiler';
import { prepareWxml, wxsSource } from './wxml-source.mjs';

/**
 * Compiles the WXML of all components with what it imports, includes and uses of WXS. Answers a JavaScript expression:
 * code path → generated template. `report(message)` hears of errors, with file and line.
 */
export function compileTemplates(paths, components, report) {
  const group = new TmplGroup();
  const done = new Set();
  try {
    for (const { codePath, json } of components)
      addTemplate(codePath, new Set(Object.keys(json.usingComponents)), null);
    return group.getTmplGenObjectGroups();
  } finally {
    group.free();
  }

  function addTemplate(codePath, known, from) {
    const source = readOnce(`${codePath}.wxml`, from);
    if (source === null) return;
    const shown = paths.shown(path.join(paths.root, `${codePath}.wxml`));
    const prepared = prepareWxml(source, known, (line, message) => report(`${shown}:${line}: ${message}`));
    for (const { isError, startLine, message } of group.addTmpl(codePath, prepared))
      if (isError) report(`${shown}:${startLine + 1}: ${message}`);
    for (const other of group.getDirectDependencies(codePath)) addTemplate(other, known, shown);
    for (const script of group.getScriptDependencies(codePath)) addScript(script, shown);
  }

  /** The compiler knows scripts by their code path, without the extension. */
  function addScript(name, from) {
    const codePath = name.replace(/\.wxs$/, '');
    const source = readOnce(`${codePath}.wxs`, from);
    if (source === null) return;
    if (/\brequire\(/.test(source))
      report(`${from}: ${codePath}.wxs requires another script; the preview cannot`);
    group.addScript(codePath, wxsSource(source));
  }

  /** Null when it has been read already, or is not there, which is told as `from`'s fault. */
  function readOnce(name, from) {
    if (done.has(name)) return null;
    done.add(name);
    const file = path.join(paths.root, name);
    if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
    report(
      from === null
        ? `${paths.shown(file)}: there is no such file`
        : `${from}: there is no ${paths.shown(file)}`,
    );
    return null;
  }
}
