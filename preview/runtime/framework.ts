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
  readonly ownerShadowRoot: { getHostNode(): FrameworkNode } | null;
  getComponentOptions(): { styleScope?: number };
  getRootBehavior(): { ownerSpace: { styleScopeManager: { queryName(scope: number): string | undefined } } };
  triggerLifetime(name: string, args: unknown[]): void;
  triggerPageLifetime(name: string, args: unknown[]): void;
  replaceDataOnPath(path: string[], value: unknown): void;
  applyDataUpdates(): void;
}

/** `this` in a component's own code; `_$` is its node. */
export interface ComponentCaller {
  readonly _$: FrameworkNode;
  readonly data: Data;
  triggerEvent(name: string, detail: unknown, options?: Data): void;
  [member: string]: unknown;
}

interface Environment {
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

interface ComponentEnv {
  Component(definition?: Data): unknown;
  Page(definition: Data): void;
  Behavior(definition: Data): unknown;
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
