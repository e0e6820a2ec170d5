import { builtin } from './define-builtin.ts';
import { attachHover, hoverDefaults } from './hover.ts';

export const view = builtin({
  defaults: { ...hoverDefaults },
  attach(host) {
    attachHover(host);
    return undefined;
  },
});
