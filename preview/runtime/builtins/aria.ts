import type { Data } from '../framework.ts';

/** Property → attribute. WeChat writes the role as `aria-role`. */
const attributes: Record<string, string> = {
  ariaRole: 'role',
  ariaLabel: 'aria-label',
  ariaLabelledby: 'aria-labelledby',
  ariaDescribedby: 'aria-describedby',
  ariaHidden: 'aria-hidden',
  ariaDisabled: 'aria-disabled',
  ariaChecked: 'aria-checked',
  ariaSelected: 'aria-selected',
  ariaExpanded: 'aria-expanded',
  ariaHaspopup: 'aria-haspopup',
  ariaModal: 'aria-modal',
  ariaControls: 'aria-controls',
  ariaCurrent: 'aria-current',
  ariaLive: 'aria-live',
  ariaRoledescription: 'aria-roledescription',
  ariaValuemin: 'aria-valuemin',
  ariaValuemax: 'aria-valuemax',
  ariaValuenow: 'aria-valuenow',
  ariaValuetext: 'aria-valuetext',
};

/** What every built-in accepts beside its own properties; null: not given. */
export const ariaProperties = Object.fromEntries(Object.keys(attributes).map((name) => [name, null]));

/** Writes the aria properties that are given to the element that a screen reader finds. */
export function mirrorAria(data: Data, element: HTMLElement): void {
  for (const [property, attribute] of Object.entries(attributes)) {
    const value = data[property];
    if (value === null || value === undefined || value === '') continue;
    if (element.getAttribute(attribute) !== String(value)) element.setAttribute(attribute, String(value));
  }
}
