/**
 * The framework as the preview sees it. glass-easel's own types are generic over every property of every component;
 * these few are what the runtime touches, and this file is the one place where the two meet.
 */
import type * as glassEasel from 'glass-easel';
import * as adapter from 'glass-easel-miniprogram-adapter';

export type Data = Record<string, unknown>;

/** A node of the composed tree. `$$` is its DOM element; virtual nodes have none. */
export interface FrameworkNode {
  readonly $$?: HTMLElement | null;
  readonly id: string;
  readonly data?: Data;
  readonly dataset?: Data;
  readonly ownerShadowRoot: ShadowTree | null;
  getShadowRoot?(): ShadowTree | null;
  getComposedChildren?(): FrameworkNode[];
  getComponentOptions(): { styleScope?: number };
  getRootBehavior(): { ownerSpace: { styleScopeManager: { queryName(scope: number): string | undefined } } };
  getMethodCaller?(): ComponentCaller;
  setNodeStyle(style: string, segment: number): void;
  triggerEvent?(name: string, detail: unknown, options?: Data): void;
  triggerLifetime(name: string, args: unknown[]): void;
  triggerPageLifetime(name: string, args: unknown[]): void;
  replaceDataOnPath(path: string[], value: unknown): void;
  applyDataUpdates(): void;
}

export interface ShadowTree {
  querySelector(selector: string): FrameworkNode | null;
  querySelectorAll(selector: string): FrameworkNode[];
  getHostNode(): FrameworkNode;
}

/** `this` in a component's own code; `_$` is its node. */
export interface ComponentCaller {
  readonly _$: FrameworkNode;
  readonly data: Data;
  triggerEvent(name: string, detail: unknown, options?: Data): void;
  [member: string]: unknown;
}

export interface Environment {
  getGlobalCodeSpace(): CodeSpace;
  createCodeSpace(id: string, isMain: boolean): CodeSpace;
  associateBackend(backend: glassEasel.CurrentWindowBackendContext): Backend;
}

export interface CodeSpace {
  getComponentSpace(): {
    defineBehavior(definition: Data): unknown;
    setGlobalUsingComponent(tag: string, component: unknown): void;
    getComponentByUrl(url: string, base: string): unknown;
  };
  setOverallBehavior(behavior: unknown): void;
  addComponentStaticConfig(path: string, config: Data): void;
  addCompiledTemplate(path: string, template: { groupList: unknown; content: unknown }): void;
  addStyleSheet(path: string, sheet: string | undefined, scope?: string): void;
  componentEnv(path: string, use: (env: ComponentEnv) => void): void;
  /** Internal to the framework, see code-space.ts. */
  prepareComponentOptions(...args: unknown[]): [Data, ...unknown[]];
}

export interface ComponentEnv {
  Component(definition?: Data): unknown;
  Page(definition: Data): void;
  Behavior: ((definition: Data) => unknown) & { trait: unknown };
}

export interface Backend {
  registerStyleSheetContent(path: string, css: string): void;
  createRoot(tag: string, space: CodeSpace, path: string): PageRoot;
}

export interface PageRoot {
  get(): ComponentCaller;
  getComponent(): FrameworkNode;
  attach(parent: Element, placeholder: Element): void;
  release(): void;
}

export function createEnvironment(): Environment {
  return new adapter.MiniProgramEnv() as unknown as Environment;
}

/** What all components inherit: the place for methods that the adapter lacks. */
export const callerPrototype = adapter.component.ComponentCaller.prototype as unknown as Data;

/** The prefix that classes of this node's component carry in the DOM, or null. */
export function scopeOf(node: FrameworkNode): string | null {
  const owner = node.ownerShadowRoot?.getHostNode();
  const scope = owner?.getComponentOptions().styleScope;
  if (owner === undefined || scope === undefined) return null;
  return owner.getRootBehavior().ownerSpace.styleScopeManager.queryName(scope) ?? null;
}

/** `a b` as the DOM names them for this node: with and without its scope. */
export function classNames(node: FrameworkNode, names: string): string[] {
  const scope = scopeOf(node);
  return names
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((name) => (scope === null ? [name] : [name, `${scope}--${name}`]));
}

/** The DOM element of a node; of a node without one, the first below it. */
export function elementOf(node: FrameworkNode): HTMLElement | null {
  if (node.$$) return node.$$;
  for (const child of node.getComposedChildren?.() ?? []) {
    const found = elementOf(child);
    if (found !== null) return found;
  }
  return null;
}
