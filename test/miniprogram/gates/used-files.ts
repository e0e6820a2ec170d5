import { type Finding, lineAt, type MiniProgram, textOf } from './mini-program.ts';
import { isElsewhere, resolve } from './resolve.ts';
import { attribute, elementsOf } from './wxml.ts';

interface Used {
  files: string[];
  findings: Finding[];
}

/** What a `.wxml` imports, includes, takes wxs from and shows; or a `.wxs` requires. Nothing for other files. */
export function filesOfMarkup(program: MiniProgram, file: string): Used {
  const used: Used = { files: [], findings: [] };
  const text = textOf(program, file);
  if (file.endsWith('.wxs')) {
    for (const match of text.matchAll(/\brequire\(\s*['"]([^'"]+)['"]\s*\)/g)) {
      use(program, used, { file, line: lineAt(text, match.index), source: match[1] as string, kind: 'wxs' });
    }
  }
  if (!file.endsWith('.wxml')) return used;
  for (const element of elementsOf(text)) {
    const kind = { import: 'wxml', include: 'wxml', wxs: 'wxs', image: 'image', 'cover-image': 'image' }[
      element.tag
    ];
    const source = attribute(element, 'src');
    // A local picture with a part in `{{ }}` is known to the phone alone.
    if (kind === undefined || source === null || (kind === 'image' && source.value.includes('{{'))) continue;
    use(program, used, { file, line: source.line, source: source.value, kind });
  }
  return used;
}

/** What a `.wxss` imports. A local picture in `url()` is a finding: WeChat shows only data and network addresses there. */
export function filesOfStyle(program: MiniProgram, file: string): Used {
  const used: Used = { files: [], findings: [] };
  const text = textOf(program, file).replace(/\/\*[\s\S]*?\*\//g, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
  for (const match of text.matchAll(/@import\s+(?:url\()?\s*['"]([^'"]+)['"]/g)) {
    use(program, used, { file, line: lineAt(text, match.index), source: match[1] as string, kind: 'wxss' });
  }
  for (const match of text.matchAll(/\burl\(\s*['"]?([^'")]+)/g)) {
    const source = match[1] as string;
    if (isElsewhere(source) || /@import\s*$/.test(text.slice(0, match.index))) continue;
    const problem = `url(${source}): a style cannot show a picture of the package`;
    used.findings.push({ file, line: lineAt(text, match.index), problem });
  }
  return used;
}

interface Mention {
  file: string;
  line: number;
  source: string;
  kind: string;
}

function use(program: MiniProgram, used: Used, { file, line, source, kind }: Mention): void {
  if (isElsewhere(source)) return;
  const endings = kind === 'image' ? [''] : ['', `.${kind}`];
  const found = resolve(program, file, source, endings);
  if (found !== null) used.files.push(found);
  else used.findings.push({ file, line, problem: `${source} does not exist` });
}
