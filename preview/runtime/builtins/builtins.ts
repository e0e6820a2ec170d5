import type { builtinTags } from '../../names.mjs';
import { button } from './button.ts';
import { type Builtin, builtin } from './define-builtin.ts';
import { attachHover, hoverDefaults } from './hover.ts';
import { image } from './image.ts';
import { input } from './input.ts';
import { richText } from './rich-text.ts';
import { scrollView } from './scroll-view.ts';
import { text } from './text.ts';

/** Every built-in tag that the build lets pass. */
export const builtins: Record<(typeof builtinTags)[number], Builtin> = {
  button,
  image,
  input,
  // TDesign draws its icons with it; what a tap on one of a field does is not imitated.
  label: { defaults: {} },
  'rich-text': richText,
  'scroll-view': scrollView,
  text,
  view: builtin({ defaults: hoverDefaults, attach: attachHover }),
};
