import type { Data } from '../framework.ts';

const names =
  'label labelledby describedby hidden disabled checked selected expanded haspopup modal controls current live roledescription valuemin valuemax valuenow valuetext';

/** Property → attribute. WeChat writes the role as `aria-role`. */
const attributes: [string, string][] = [
  ['ariaRole', 'role'],
  ...names
    .split(' ')
    .map((name): [string, string] => [`aria${name[0]?.toUpperCase()}${name.slice(1)}`, `aria-${name}`]),
];

/** What every built-in accepts beside its own properties; null: not given. */
export const ariaProperties = Object.fromEntries(attributes.map(([property]) => [property, null]));

/** Writes the aria properties that are given to the element that a screen reader finds. */
export function mirrorAria(data: Data, element: HTMLElement): void {
  for (const [property, attribute] of attributes) {
    const value = data[property];
    if (value !== null && value !== undefined && value !== '') element.setAttribute(attribute, String(value));
  }
}
