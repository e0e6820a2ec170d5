import { builtin } from './define-builtin.ts';
import { askForm } from './form.ts';
import { attachHover, hoverDefaults } from './hover.ts';

/** A button. `open-type` needs WeChat and does nothing here; `form-type` works. */
export const button = builtin({
  defaults: {
    ...hoverDefaults,
    type: 'default',
    size: 'default',
    plain: false,
    disabled: false,
    loading: false,
    formType: '',
  },
  attach(host) {
    const { element } = host;
    element.setAttribute('role', 'button');
    attachHover(host);
    element.addEventListener('click', () => {
      const { formType, disabled } = host.data;
      if (!disabled && (formType === 'submit' || formType === 'reset')) askForm(element, formType);
    });
    return () => {
      const { type, size, plain, disabled, loading } = host.data;
      element.setAttribute('type', type);
      element.setAttribute('size', size);
      element.toggleAttribute('plain', plain);
      element.toggleAttribute('disabled', disabled);
      element.toggleAttribute('loading', loading);
      element.setAttribute('aria-disabled', String(disabled));
    };
  },
});
