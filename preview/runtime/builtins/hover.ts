import { classNames } from '../framework.ts';
import type { Host } from './define-builtin.ts';

export const hoverDefaults = { hoverClass: 'none', hoverStartTime: 50, hoverStayTime: 400 };

/** `hover-class`: worn while a finger or the mouse presses the element, and for `hover-stay-time` ms after. */
export function attachHover({ element, node, data }: Host<typeof hoverDefaults>): void {
  let worn: string[] = [];
  const press = () => {
    if (data.hoverClass === '' || data.hoverClass === 'none') return;
    worn = classNames(node, data.hoverClass);
    element.classList.add(...worn);
  };
  const release = () => {
    setTimeout(() => element.classList.remove(...worn), data.hoverStayTime);
  };
  for (const name of ['touchstart', 'mousedown']) element.addEventListener(name, press, { passive: true });
  for (const name of ['touchend', 'touchcancel', 'mouseup', 'mouseleave'])
    element.addEventListener(name, release);
}
