import type { Followed, Unit } from './follow.ts';
import { type Finding, isOwn, lineOf, type MiniProgram, textOf } from './mini-program.ts';
import { resolve } from './resolve.ts';
import { attribute, builtInTags, elementsOf, type WxmlElement } from './wxml.ts';

/** Unknown tags and templates, handlers that nobody has, components that nobody shows: all silent on the phone. */
export function checkMarkup(
  program: MiniProgram,
  { units }: Followed,
  handlersOf: (script: string) => ReadonlySet<string>,
): Finding[] {
  const elements = new Map<string, WxmlElement[]>();
  const read = (file: string) => {
    const known = elements.get(file) ?? elementsOf(textOf(program, file));
    elements.set(file, known);
    return known;
  };
  const global = units.find((unit) => unit.kind === 'app')?.components ?? {};
  const shown = new Map(units.map((unit) => [unit, tagsShown(unit.markup.flatMap(read))]));
  const findings = units
    .filter(({ id }) => isOwn(id))
    .flatMap((unit) => {
      const handlers = unit.script === null ? new Set<string>() : handlersOf(unit.script);
      const tags = new Set([...builtInTags, ...Object.keys(global), ...Object.keys(unit.components)]);
      return [
        ...unit.markup
          .filter(isOwn)
          .flatMap((file) => [
            ...unknownTags(file, read(file), tags),
            ...unknownHandlers(file, read(file), handlers, unit),
            ...unknownTemplates(program, file, read),
          ]),
        ...unusedComponents(
          program,
          unit,
          unit.kind === 'app' ? [...shown.values()] : [shown.get(unit) ?? new Set()],
        ),
      ];
    });
  // A file that two units include is read twice: the same thing is said once.
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

const tagsShown = (elements: WxmlElement[]): Set<string> =>
  new Set(
    elements.flatMap(({ tag, attributes }) => [
      tag,
      ...attributes.filter(({ name }) => name.startsWith('generic:')).map(({ value }) => value),
    ]),
  );

function unknownTags(file: string, elements: WxmlElement[], known: Set<string>): Finding[] {
  return elements
    .filter(({ tag }) => !known.has(tag))
    .map(({ tag, line }) => ({ file, line, problem: `<${tag}> is no component of this page or component` }));
}

const binding = /^(?:capture-|mut-)?(?:bind|catch):?[a-z]/;

function unknownHandlers(
  file: string,
  elements: WxmlElement[],
  known: ReadonlySet<string>,
  unit: Unit,
): Finding[] {
  return elements
    .flatMap(({ attributes }) => attributes)
    .filter(
      ({ name, value }) => binding.test(name) && value !== '' && !value.includes('{{') && !known.has(value),
    )
    .map(({ name, value, line }) => ({
      file,
      line,
      problem: `${name}="${value}": ${unit.id} has no ${value}`,
    }));
}

function unknownTemplates(
  program: MiniProgram,
  file: string,
  read: (file: string) => WxmlElement[],
): Finding[] {
  const named = (at: string) =>
    read(at).flatMap((element) =>
      element.tag === 'template' ? (attribute(element, 'name')?.value ?? []) : [],
    );
  // An import brings the templates of that file alone, not those that it imports itself.
  const imported = read(file).flatMap((element) => {
    if (element.tag !== 'import') return [];
    const found = resolve(program, file, attribute(element, 'src')?.value ?? '', ['', '.wxml']);
    return found === null ? [] : named(found);
  });
  const known = new Set([...named(file), ...imported]);
  return read(file).flatMap((element) => {
    const is = element.tag === 'template' ? attribute(element, 'is') : null;
    if (is === null || is.value.includes('{{') || known.has(is.value)) return [];
    return [{ file, line: is.line, problem: `there is no template "${is.value}" here` }];
  });
}

function unusedComponents(program: MiniProgram, unit: Unit, shown: ReadonlySet<string>[]): Finding[] {
  const file = `${unit.id}.json`;
  const text = textOf(program, file);
  return Object.keys(unit.components)
    .filter((tag) => !unit.standIns.includes(tag) && !shown.some((tags) => tags.has(tag)))
    .map((tag) => ({
      file,
      line: lineOf(text, `"${tag}"`),
      problem: `<${tag}> is declared and never shown`,
    }));
}
