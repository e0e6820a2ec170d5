import { builtin } from './define-builtin.ts';

/** A tap on a label goes to the first field in it. */
export const label = builtin({
  defaults: { for: '' },
  attach({ element, data, node }) {
    element.addEventListener('click', (event) => {
      const named = data.for === '' ? null : node.ownerShadowRoot?.querySelector(`#${data.for}`)?.$$;
      const field = (named ?? element).querySelector<HTMLElement>('input, textarea');
      if (field !== null && event.target !== field) field.focus();
    });
    return undefined;
  },
});
