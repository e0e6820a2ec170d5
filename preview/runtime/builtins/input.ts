import { builtin } from './define-builtin.ts';

/** An inner control whose events become WeChat's. */
export const input = builtin({
  defaults: {
    value: '',
    placeholder: '',
    password: false,
    disabled: false,
    maxlength: 140,
    focus: false,
  },
  attach(host) {
    const control = document.createElement('input');
    host.element.append(control);
    host.control = control;
    const forward = (name: string, act: () => void) =>
      control.addEventListener(name, (event) => {
        // The framework listens at the document: the raw event would arrive there beside ours.
        event.stopPropagation();
        act();
      });
    const tell = (name: string) => () =>
      host.emit(name, { value: control.value, cursor: control.selectionStart ?? control.value.length });
    forward('input', () => {
      // Its own property too: else the next change of another one would write the old value back.
      host.node.replaceDataOnPath(['value'], control.value);
      host.node.applyDataUpdates();
      tell('input')();
    });
    forward('change', () => undefined);
    forward('focus', tell('focus'));
    forward('blur', tell('blur'));
    control.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) tell('confirm')();
    });

    let wasFocused = false;
    return () => {
      const { value, placeholder, password, disabled, maxlength, focus } = host.data;
      const text = String(value ?? '');
      if (control.value !== text) control.value = text;
      control.type = password ? 'password' : 'text';
      control.placeholder = placeholder;
      control.disabled = disabled;
      if (maxlength >= 0) control.maxLength = maxlength;
      else control.removeAttribute('maxlength');
      if (focus && !wasFocused) requestAnimationFrame(() => control.focus());
      if (!focus && wasFocused) control.blur();
      wasFocused = focus;
    };
  },
});
