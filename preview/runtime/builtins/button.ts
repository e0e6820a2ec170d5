import { builtin } from './define-builtin.ts';
import { attachHover, hoverDefaults } from './hover.ts';

/** A button. `open-type` needs WeChat and does nothing here. */
export const button = builtin({
  defaults: { ...hoverDefaults, type: 'default', size: 'default', disabled: false },
  attach(host) {
    const { element } = host;
    element.setAttribute('role', 'button');
    attachHover(host);
    return () => {
      const { type, size, disabled } = host.data;
      element.setAttribute('type', type);
      element.setAttribute('size', size);
      element.toggleAttribute('disabled', disabled);
      element.setAttribute('aria-disabled', String(disabled));
    };
  },
});
