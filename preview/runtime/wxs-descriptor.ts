import { classNames, type Data, elementOf, type FrameworkNode } from './framework.ts';

/** glass-easel's style segment for styles set while the page runs; it wins over the template's. */
const TEMPORARY_STYLE = 3;

const made = new WeakMap<FrameworkNode, Descriptor>();

type Descriptor = ReturnType<typeof createDescriptor>;

/** The ComponentDescriptor that WXS event handlers get: one per node, since it keeps state. */
export function descriptorOf(node: FrameworkNode | null): Descriptor | null {
  if (node === null) return null;
  const known = made.get(node);
  if (known !== undefined) return known;
  const descriptor = createDescriptor(node);
  made.set(node, descriptor);
  return descriptor;
}

function createDescriptor(node: FrameworkNode) {
  const state: Data = {};
  const style = new Map<string, string>();

  return {
    selectComponent: (selector: string) =>
      descriptorOf(node.getShadowRoot?.()?.querySelector(selector) ?? null),
    selectAllComponents: (selector: string) =>
      (node.getShadowRoot?.()?.querySelectorAll(selector) ?? []).map(descriptorOf),
    setStyle(change: string | Record<string, string>) {
      for (const [name, value] of stylePairs(change)) style.set(name, value);
      node.setNodeStyle([...style].map(([name, value]) => `${name}:${value}`).join(';'), TEMPORARY_STYLE);
    },
    addClass: (names: string) => elementOf(node)?.classList.add(...classNames(node, names)),
    removeClass: (names: string) => elementOf(node)?.classList.remove(...classNames(node, names)),
    hasClass: (name: string) => elementOf(node)?.classList.contains(name) ?? false,
    getDataset: () => node.dataset ?? {},
    getState: () => state,
    callMethod(name: string, argument: unknown) {
      const caller = node.getMethodCaller?.();
      const method = caller?.[name];
      if (typeof method === 'function') method.call(caller, argument);
    },
    triggerEvent: (name: string, detail: unknown, options?: Data) =>
      node.triggerEvent?.(name, detail, options),
    requestAnimationFrame: (callback: FrameRequestCallback) => requestAnimationFrame(callback),
    setTimeout: (callback: () => void, ms: number) => setTimeout(callback, ms),
    clearTimeout: (timer: number) => clearTimeout(timer),
    getBoundingClientRect: () => elementOf(node)?.getBoundingClientRect().toJSON() ?? null,
    getComputedStyle(names: string[]) {
      const element = elementOf(node);
      const computed = element === null ? null : getComputedStyle(element);
      return Object.fromEntries(names.map((name) => [name, computed?.getPropertyValue(name) ?? '']));
    },
  };
}

function stylePairs(style: string | Record<string, string>): [string, string][] {
  if (typeof style !== 'string') return Object.entries(style);
  return style.split(';').flatMap((part) => {
    const colon = part.indexOf(':');
    return colon < 0 ? [] : [[part.slice(0, colon).trim(), part.slice(colon + 1).trim()]];
  });
}
