import { posix } from 'node:path';
import { parseJson, readAppJson } from './app-json.ts';
import { type Finding, isOwn, lineOf, type MiniProgram, textOf } from './mini-program.ts';
import { isElsewhere, resolve, scriptEndings } from './resolve.ts';
import { filesOfMarkup, filesOfStyle } from './used-files.ts';

/** app.json, a page or a component: the files of one name. */
export interface Unit {
  kind: 'app' | 'page' | 'component';
  /** Path without ending. */
  id: string;
  script: string | null;
  /** Its `.wxml` with all that it imports or includes, in the order met; without `.wxs`. */
  markup: string[];
  /** usingComponents of its own JSON. */
  components: Record<string, string>;
  /** Those of them that stand in while another is loaded (componentPlaceholder). */
  standIns: string[];
}

export interface Followed {
  units: Unit[];
  /** Every file that WeChat needs, by way of app.json: what is uploaded with `ignoreUploadUnusedFiles`. */
  files: Set<string>;
  findings: Finding[];
}

interface UnitJson {
  component?: boolean;
  usingComponents?: Record<string, string>;
  componentPlaceholder?: Record<string, string>;
}

/** Walks from app.json through pages, components, markup and styles. Scripts' imports come in `used-scripts.ts`. */
export function follow(program: MiniProgram): Followed {
  const { pages, files: named, findings } = readAppJson(program);
  const files = new Set(['app.json', ...named].filter((file) => program.has(file)));
  const units = new Map<string, Unit>();
  const waiting: [kind: Unit['kind'], id: string][] = [['app', 'app'], ...pages.map(asPage)];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [kind, id] = next;
    if (units.has(id)) continue;
    const json = `${id}.json`;
    const content = program.has(json) ? (parseJson<UnitJson>(program, json, findings) ?? {}) : {};
    const components = content.usingComponents ?? {};
    const script = resolve(program, json, `/${id}`, scriptEndings);
    const standIns = Object.values(content.componentPlaceholder ?? {});
    const unit: Unit = { kind, id, script, markup: [], components, standIns };
    units.set(id, unit);
    findings.push(...checkParts(program, unit, content));
    addFiles(program, unit, files, findings);
    for (const [tag, value] of Object.entries(components)) {
      if (isElsewhere(value)) continue;
      const found = resolve(program, json, value, ['.json', '/index.json'], true);
      if (found !== null) waiting.push(['component', found.replace(/\.json$/, '')]);
      else {
        const line = lineOf(textOf(program, json), `"${tag}"`);
        findings.push({
          file: json,
          line,
          problem: `component <${tag}> leads to ${value}, which does not exist`,
        });
      }
    }
  }
  return { units: [...units.values()], files, findings };
}

const asPage = (page: string): [Unit['kind'], string] => ['page', page];

function checkParts(program: MiniProgram, { kind, id, script }: Unit, json: UnitJson): Finding[] {
  const problems: string[] = [];
  if (kind === 'app' && script === null) problems.push('there is no app.ts');
  if (kind === 'component') {
    if (json.component !== true) problems.push('"component": true is missing');
    if (script === null) problems.push(`component ${id} has no script`);
    if (!program.has(`${id}.wxml`)) problems.push(`component ${id} has no .wxml`);
  }
  for (const [tag, placeholder] of Object.entries(json.componentPlaceholder ?? {})) {
    const known = [...Object.keys(json.usingComponents ?? {}), 'view', 'text', 'block'];
    if (!known.includes(placeholder))
      problems.push(`the placeholder ${placeholder} of <${tag}> is no component`);
  }
  return problems.map((problem) => ({ file: `${id}.json`, line: 1, problem }));
}

/** Adds what belongs to a unit and what those files lead to. */
function addFiles(program: MiniProgram, unit: Unit, files: Set<string>, findings: Finding[]): void {
  const waiting = ['.json', '.wxml', '.wxss']
    .map((ending) => unit.id + ending)
    .filter((file) => program.has(file));
  if (unit.script !== null) files.add(unit.script);
  const seen = new Set<string>();
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const isNew = !files.has(file);
    files.add(file);
    if (file.endsWith('.wxml')) unit.markup.push(file);
    const used = posix.extname(file) === '.wxss' ? filesOfStyle(program, file) : filesOfMarkup(program, file);
    waiting.push(...used.files);
    // Said once, however many use the file; a fault of TDesign's own is not ours to mend, and does no harm unused.
    if (isNew) findings.push(...used.findings.filter((finding) => isOwn(finding.file)));
  }
}
