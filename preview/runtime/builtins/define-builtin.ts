import type { ComponentCaller, Data, FrameworkNode } from '../framework.ts';
import { ariaProperties, mirrorAria } from './aria.ts';

/** Property → its default, which also says its type; null: any type. Names as in WXML, but in camelCase. */
export type Defaults = Record<string, string | number | boolean | null>;

type Widen<V> = V extends string ? string : V extends number ? number : V extends boolean ? boolean : unknown;

/** One built-in in use: `element` is its `<wx-…>` in the DOM. */
export interface Host<D extends Defaults = Defaults> {
  readonly element: HTMLElement;
  readonly node: FrameworkNode;
  /** The properties as they are now. */
  readonly data: { readonly [K in keyof D]: Widen<D[K]> };
  /** What aria-* describes: the element itself unless an inner control takes over. */
  control: HTMLElement;
  emit(name: string, detail: Data): void;
}

/** A built-in: its children come through a slot, anything else is DOM that `attach` adds. */
export interface Builtin<D extends Defaults = Defaults> {
  defaults: D;
  /** Called once the element is in the page. What it answers is called then and with every change of properties. */
  attach?(host: Host<D>): (() => void) | undefined;
}

/** Lets a built-in be written with the types of its own properties. */
export function builtin<D extends Defaults>(definition: Builtin<D>): Builtin {
  return definition as unknown as Builtin;
}

const updates = new WeakMap<ComponentCaller, () => void>();
const types = { string: String, number: Number, boolean: Boolean } as const;

/** The component that the framework registers for a built-in: what all have in common is `hidden` and aria-*. */
export function defineBuiltin({ defaults, attach }: Builtin): Data {
  const properties = Object.entries({ hidden: false, ...ariaProperties, ...defaults }).map(
    ([name, value]) => {
      const type = value === null ? null : types[typeof value as keyof typeof types];
      return [name, { type, value }];
    },
  );
  return {
    properties: Object.fromEntries(properties),
    observers: {
      '**'(this: ComponentCaller) {
        updates.get(this)?.();
      },
    },
    lifetimes: {
      attached(this: ComponentCaller) {
        const host = createHost(this);
        const update = attach?.(host);
        const updateAll = () => {
          host.element.toggleAttribute('hidden', this.data.hidden === true);
          mirrorAria(this.data, host.control);
          update?.();
        };
        updates.set(this, updateAll);
        updateAll();
      },
    },
  };
}

function createHost(caller: ComponentCaller): Host {
  const element = caller._$.$$;
  if (!element) throw new Error('a built-in without an element');
  return {
    element,
    node: caller._$,
    control: element,
    get data() {
      return caller.data as Host['data'];
    },
    emit: (name, detail) => caller.triggerEvent(name, detail),
  };
}
