import type { Data } from '../framework.ts';
import { builtin } from './define-builtin.ts';

/** What a form collects from a field. */
interface FormField {
  name(): string;
  value(): unknown;
}

const fields = new WeakMap<Element, FormField>();

/** Makes a built-in a field of the form around it. */
export function registerField(element: Element, field: FormField): void {
  fields.set(element, field);
}

/** A button asks the form around it to submit or reset. */
export function askForm(element: Element, what: 'submit' | 'reset'): void {
  element.closest('wx-form')?.dispatchEvent(new CustomEvent(`preview-${what}`));
}

export const form = builtin({
  defaults: {},
  attach(host) {
    host.element.addEventListener('preview-submit', () =>
      host.emit('submit', { value: collect(host.element) }),
    );
    host.element.addEventListener('preview-reset', () => host.emit('reset', {}));
    return undefined;
  },
});

function collect(element: Element): Data {
  const value: Data = {};
  for (const inner of element.querySelectorAll('*')) {
    const field = fields.get(inner);
    if (field !== undefined && field.name() !== '') value[field.name()] = field.value();
  }
  return value;
}
