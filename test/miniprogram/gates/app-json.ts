import { type Finding, lineOf, type MiniProgram, textOf } from './mini-program.ts';
import { isElsewhere, resolve, scriptEndings } from './resolve.ts';

/** WeChat refuses a tab's icon above this. */
const maxIconBytes = 40 * 1024;

interface AppJson {
  pages?: string[];
  subPackages?: { root: string; pages: string[] }[];
  subpackages?: { root: string; pages: string[] }[];
  tabBar?: { list?: { pagePath?: string; iconPath?: string; selectedIconPath?: string }[] };
  themeLocation?: string;
  sitemapLocation?: string;
}

/** What app.json says, as far as it can be read: files it names, what is wrong with them, and the pages. */
export interface AppParts {
  pages: string[];
  files: string[];
  findings: Finding[];
}

/** Pages, tab bar, theme and sitemap of app.json, each checked for the files it needs. */
export function readAppJson(program: MiniProgram): AppParts {
  const text = textOf(program, 'app.json');
  const findings: Finding[] = [];
  const app = parseJson<AppJson>(program, 'app.json', findings) ?? {};
  const report = (needle: string, problem: string) =>
    findings.push({ file: 'app.json', line: lineOf(text, `"${needle}"`), problem });

  const subPackages = app.subPackages ?? app.subpackages ?? [];
  const pages = [
    ...(app.pages ?? []),
    ...subPackages.flatMap(({ root, pages }) => pages.map((page) => `${root.replace(/\/$/, '')}/${page}`)),
  ];
  if (pages.length === 0 && findings.length === 0) report('pages', 'there are no pages');
  for (const page of pages) {
    if (resolve(program, 'app.json', `/${page}`, scriptEndings) === null)
      report(page, `page ${page} has no script`);
    if (!program.has(`${page}.wxml`)) report(page, `page ${page} has no .wxml`);
  }

  const files = [app.themeLocation, app.sitemapLocation].filter((file) => file !== undefined);
  for (const file of files) if (!program.has(file)) report(file, `${file} does not exist`);
  for (const { pagePath = '' } of app.tabBar?.list ?? []) {
    if (!pages.includes(pagePath)) report(pagePath, `tab ${pagePath} is no page`);
  }
  const icons = (app.tabBar?.list ?? []).flatMap((tab) =>
    [tab.iconPath, tab.selectedIconPath].filter((icon) => icon !== undefined),
  );
  const themes = themesOf(program, app.themeLocation, findings);
  for (const written of icons) {
    for (const icon of valuesOf(written, themes)) {
      const size = icon === null ? undefined : program.get(icon.replace(/^\.?\//, ''))?.length;
      if (icon === null) report(written, `no theme has ${written}`);
      else if (size === undefined) report(written, `tab icon ${icon} does not exist`);
      else if (size > maxIconBytes) report(written, `tab icon ${icon} has ${size} bytes, 40 KB are allowed`);
      if (icon !== null && size !== undefined) files.push(icon.replace(/^\.?\//, ''));
    }
  }
  return { pages, files, findings };
}

function themesOf(program: MiniProgram, file: string | undefined, findings: Finding[]) {
  if (file === undefined || !program.has(file)) return [];
  const themes = parseJson<Record<string, Record<string, string>>>(program, file, findings) ?? {};
  for (const name of ['light', 'dark']) {
    if (!themes[name]) findings.push({ file, line: 1, problem: `there is no theme "${name}"` });
  }
  return Object.values(themes);
}

/** `@name` is looked up in each theme (null where one lacks it); anything else is itself. */
function valuesOf(written: string, themes: Record<string, string>[]): (string | null)[] {
  if (!written.startsWith('@')) return isElsewhere(written) ? [] : [written];
  return themes.length === 0 ? [null] : themes.map((theme) => theme[written.slice(1)] ?? null);
}

/** A JSON file's content, or null with a finding when there is none or it is no JSON. */
export function parseJson<T>(program: MiniProgram, file: string, findings: Finding[]): T | null {
  if (!program.has(file)) {
    findings.push({ file, line: 1, problem: 'the file does not exist' });
    return null;
  }
  try {
    return JSON.parse(textOf(program, file)) as T;
  } catch (error) {
    findings.push({ file, line: 1, problem: (error as Error).message });
    return null;
  }
}
