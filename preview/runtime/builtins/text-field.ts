import type { Host } from './define-builtin.ts';
import { registerField } from './form.ts';

export const textFieldDefaults = {
  value: '',
  name: '',
  placeholder: '',
  placeholderStyle: '',
  placeholderClass: '',
  disabled: false,
  maxlength: 140,
  focus: false,
  autoFocus: false,
};

/** What `<input>` and `<textarea>` have in common: an inner control whose events become WeChat's. */
export function attachTextField(
  host: Host<typeof textFieldDefaults>,
  control: HTMLInputElement | HTMLTextAreaElement,
): () => void {
  host.element.append(control);
  host.control = control;
  registerField(host.element, { name: () => host.data.name, value: () => control.value });
  const detail = () => ({ value: control.value, cursor: control.selectionStart ?? control.value.length });
  const forward = (name: string, act: () => void) =>
    control.addEventListener(name, (event) => {
      // The framework listens at the document: the raw event would arrive there beside ours.
      event.stopPropagation();
      act();
    });
  forward('input', () => {
    host.set('value', control.value);
    host.emit('input', detail());
  });
  forward('change', () => host.emit('change', { value: control.value }));
  forward('focus', () => host.emit('focus', { value: control.value, height: 0 }));
  forward('blur', () => host.emit('blur', detail()));
  let wasFocused = false;
  return () => {
    const { value, placeholder, disabled, maxlength, focus, autoFocus } = host.data;
    const text = String(value ?? '');
    if (control.value !== text) control.value = text;
    control.placeholder = placeholder;
    control.disabled = disabled;
    if (maxlength >= 0) control.maxLength = maxlength;
    else control.removeAttribute('maxlength');
    const wantsFocus = focus || autoFocus;
    if (wantsFocus && !wasFocused) requestAnimationFrame(() => control.focus());
    if (!wantsFocus && wasFocused) control.blur();
    wasFocused = wantsFocus;
  };
}
