import { builtin } from './define-builtin.ts';
import { attachTextField, textFieldDefaults } from './text-field.ts';

const keyboards: Record<string, string> = { number: 'numeric', digit: 'decimal' };

export const input = builtin({
  defaults: { ...textFieldDefaults, type: 'text', password: false, confirmType: 'done' },
  attach(host) {
    const control = document.createElement('input');
    const update = attachTextField(host, control);
    control.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) host.emit('confirm', { value: control.value });
    });
    return () => {
      const { type, password, confirmType } = host.data;
      control.type = password ? 'password' : confirmType === 'search' ? 'search' : 'text';
      control.inputMode = keyboards[type] ?? 'text';
      update();
    };
  },
});
