import type { ComponentCaller, FrameworkNode } from './framework.ts';
import { descriptorOf } from './wxs-descriptor.ts';

type Change = (now: unknown, before: unknown, host: unknown, own: unknown) => void;
type Listener = ((event: WxsEvent, host?: unknown) => unknown) & { isWxs?: boolean };

interface WxsEvent {
  currentTarget: FrameworkNode | ComponentCaller | null;
  instance?: unknown;
}

/** What the compiled templates call for WXS functions; the letters are the template compiler's (build/templates.mjs). */
export const wxsHooks = {
  /** `change:prop`: waits for the node's children, which the first call would otherwise not find. */
  A:
    (change: Change | undefined) =>
    (now: unknown, before: unknown, host: FrameworkNode, own: FrameworkNode) => {
      if (change !== undefined)
        queueMicrotask(() => change(now, before, descriptorOf(host), descriptorOf(own)));
    },
  /** An event listener: a method of the page, or a WXS function, which gets descriptors instead. */
  C(caller: ComponentCaller, event: WxsEvent, listener: Listener): unknown {
    if (listener.isWxs !== true) return listener.call(caller, event);
    const target = event.currentTarget;
    event.instance = descriptorOf(target === null ? null : nodeOf(target));
    return listener(event, descriptorOf(caller._$));
  },
};

function nodeOf(target: FrameworkNode | ComponentCaller): FrameworkNode {
  return '_$' in target ? (target as ComponentCaller)._$ : (target as FrameworkNode);
}
