import * as glassEasel from 'glass-easel';
import { builtinTags } from '../names.mjs';
import { PreviewBackend } from './backend.ts';
import { builtins } from './builtins/builtins.ts';
import { defineBuiltin } from './builtins/define-builtin.ts';
import type { Definition, Templates } from './definition.ts';
import { type Backend, type CodeSpace, type ComponentCaller, createEnvironment } from './framework.ts';

/** WeChat is silent about these: an attribute that a tag does not have, a relation to a component nobody uses. */
const USUAL = /is not a valid property|the target of relation/;

/** The framework with all components of a mini-program announced; their scripts then fill them in. */
export interface ComponentCode {
  space: CodeSpace;
  backend: Backend;
  /** Called before a component's or page's script: `Component` and `Page` mean that one from now on. */
  enter(codePath: string): void;
}

export function createComponentCode(definition: Definition, templates: Templates): ComponentCode {
  glassEasel.addGlobalWarningListener((message) => !USUAL.test(String(message)));
  const environment = createEnvironment();
  const global = environment.getGlobalCodeSpace();
  const space = environment.createCodeSpace('', true);
  for (const tag of builtinTags) {
    const name = `wx-${tag}`;
    global.addComponentStaticConfig(name, { component: true, usingComponents: {} });
    global.componentEnv(name, ({ Component }) => Component(defineBuiltin(builtins[tag])));
    const component = global.getComponentSpace().getComponentByUrl(name, '');
    space.getComponentSpace().setGlobalUsingComponent(name, component);
  }
  adjust(space);
  const backend = environment.associateBackend(new PreviewBackend());
  announce(space, backend, definition, templates);

  // Behaviours are made in modules of their own, before the component that uses them is entered.
  space.componentEnv('shared-behaviors', ({ Behavior }) => void Object.assign(globalThis, { Behavior }));
  const enter = (codePath: string) =>
    space.componentEnv(
      codePath,
      ({ Component, Page }) => void Object.assign(globalThis, { Component, Page }),
    );
  return { space, backend, enter };
}

function adjust(space: CodeSpace): void {
  // The adapter leaves these to its host: ids in the DOM as they are written (`#id` in WXSS), and no copying of
  // component fields to the node, which breaks a component that has a property called `data`.
  const prepare = space.prepareComponentOptions.bind(space);
  space.prepareComponentOptions = (...args) => {
    const prepared = prepare(...args);
    Object.assign(prepared[0], { writeIdToDOM: true, idPrefixGenerator: null, writeFieldsToNode: false });
    return prepared;
  };
  // `ready` is the host's to fire as well: once the component has been drawn.
  const ready = space.getComponentSpace().defineBehavior({
    lifetimes: {
      attached(this: ComponentCaller) {
        requestAnimationFrame(() => this._$.triggerLifetime('ready', []));
      },
    },
  });
  space.setOverallBehavior(ready);
}

function announce(space: CodeSpace, backend: Backend, definition: Definition, templates: Templates): void {
  const { components, styles } = definition;
  space.addStyleSheet('app', 'app');
  for (const [path, css] of Object.entries(styles)) backend.registerStyleSheetContent(path, css);
  for (const { codePath, json, scope } of components) {
    space.addComponentStaticConfig(codePath, json);
    space.addCompiledTemplate(codePath, { groupList: templates, content: templates[codePath] });
    // The scope given here is the prefix that build/selectors.mjs has put before the classes.
    const sheet = styles[codePath] === '' ? undefined : codePath;
    space.addStyleSheet(codePath, sheet, scope === '' ? undefined : scope);
  }
}
