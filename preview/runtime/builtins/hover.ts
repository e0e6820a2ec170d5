import type { FrameworkNode } from '../framework.ts';
import type { Host } from './define-builtin.ts';

export const hoverDefaults = { hoverClass: 'none', hoverStayTime: 400 };

/** `hover-class`: worn while a finger or the mouse presses the element, and for `hover-stay-time` ms after. */
export function attachHover({ element, node, data }: Host<typeof hoverDefaults>): undefined {
  let worn: string[] = [];
  element.addEventListener('pointerdown', () => {
    worn = data.hoverClass === 'none' ? [] : classNames(node, data.hoverClass);
    element.classList.add(...worn);
  });
  const release = () => {
    setTimeout(() => element.classList.remove(...worn), data.hoverStayTime);
  };
  for (const name of ['pointerup', 'pointercancel', 'pointerleave']) element.addEventListener(name, release);
}

/** `a b` as the DOM names them for this node: with and without the scope of the component that it is in. */
function classNames(node: FrameworkNode, names: string): string[] {
  const owner = node.ownerShadowRoot?.getHostNode();
  const scope = owner?.getComponentOptions().styleScope;
  const prefix =
    scope === undefined ? undefined : owner?.getRootBehavior().ownerSpace.styleScopeManager.queryName(scope);
  const bare = names.split(/\s+/).filter(Boolean);
  return prefix === undefined ? bare : [...bare, ...bare.map((name) => `${prefix}--${name}`)];
}
