import { builtin } from './define-builtin.ts';
import { attachTextField, textFieldDefaults } from './text-field.ts';

export const textarea = builtin({
  defaults: { ...textFieldDefaults, autoHeight: false },
  attach(host) {
    const control = document.createElement('textarea');
    const update = attachTextField(host, control);
    const grow = () => {
      if (!host.data.autoHeight) return;
      control.style.height = 'auto';
      host.element.style.height = `${control.scrollHeight}px`;
      control.style.height = '100%';
    };
    control.addEventListener('input', grow);
    return () => {
      update();
      grow();
    };
  },
});
