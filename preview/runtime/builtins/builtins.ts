import type { builtinTags } from '../../names.mjs';
import { button } from './button.ts';
import type { Builtin } from './define-builtin.ts';
import { form } from './form.ts';
import { image } from './image.ts';
import { input } from './input.ts';
import { label } from './label.ts';
import { richText } from './rich-text.ts';
import { scrollView } from './scroll-view.ts';
import { text } from './text.ts';
import { textarea } from './textarea.ts';
import { view } from './view.ts';

/** Every built-in tag that the build lets pass. */
export const builtins: Record<(typeof builtinTags)[number], Builtin> = {
  button,
  form,
  image,
  input,
  label,
  'rich-text': richText,
  'scroll-view': scrollView,
  text,
  textarea,
  view,
};
