import * as glassEasel from 'glass-easel';
import { builtinTags } from '../names.mjs';
import { PreviewBackend } from './backend.ts';
import { builtins } from './builtins/builtins.ts';
import { defineBuiltin } from './builtins/define-builtin.ts';
import type { Definition, Templates } from './definition.ts';
import {
  type Backend,
  type CodeSpace,
  type ComponentCaller,
  callerPrototype,
  createEnvironment,
  type Data,
} from './framework.ts';
import { SelectorQuery } from './selector-query.ts';

/** WeChat is silent about these: an attribute that a tag does not have, a relation to a component nobody uses. */
const USUAL = /is not a valid property|the target of relation/;

/** The framework with all components of a mini-program announced; their scripts then fill them in. */
export interface ComponentCode {
  space: CodeSpace;
  backend: Backend;
  /** Called before a component's or page's script: `Component`, `Page` and `Behavior` mean that one from now on. */
  enter(codePath: string): void;
}

export function createComponentCode(definition: Definition, templates: Templates): ComponentCode {
  glassEasel.addGlobalWarningListener((message) => !USUAL.test(String(message)));
  const environment = createEnvironment();
  const global = environment.getGlobalCodeSpace();
  for (const tag of builtinTags) {
    global.addComponentStaticConfig(`wx-${tag}`, { component: true, usingComponents: {} });
    global.componentEnv(`wx-${tag}`, ({ Component }) => Component(defineBuiltin(builtins[tag])));
  }
  const space = environment.createCodeSpace('', true);
  for (const tag of builtinTags)
    space
      .getComponentSpace()
      .setGlobalUsingComponent(`wx-${tag}`, global.getComponentSpace().getComponentByUrl(`wx-${tag}`, ''));
  adjust(space);
  const backend = environment.associateBackend(new PreviewBackend());
  announce(space, backend, definition, templates);

  space.componentEnv('shared-behaviors', ({ Behavior }) => {
    // Behaviours are made in modules of their own, before the component that uses them is entered.
    const own = (given: Data) => Behavior(withoutBuiltinBehaviors(given));
    Object.assign(globalThis, { Behavior: Object.assign(own, { trait: Behavior.trait }) });
  });
  callerPrototype.createSelectorQuery = function (this: ComponentCaller) {
    return new SelectorQuery(this);
  };
  return {
    space,
    backend,
    enter(codePath) {
      space.componentEnv(codePath, ({ Component, Page }) => {
        Object.assign(globalThis, {
          Component: (given: Data) => Component(withoutBuiltinBehaviors(given)),
          Page: (given: Data) => Page(withoutBuiltinBehaviors(given)),
        });
      });
    },
  };
}

function adjust(space: CodeSpace): void {
  // The adapter leaves these to its host: ids in the DOM as they are written (`#id` in WXSS), and no copying of
  // component fields to the node, which breaks a component that has a property called `data` (t-table).
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

/** `wx://form-field` and the like are behaviours of WeChat's own, without effect on what is shown. */
function withoutBuiltinBehaviors(definition: Data): Data {
  const { behaviors } = definition;
  if (!Array.isArray(behaviors)) return definition;
  const own = behaviors.filter((behavior) => typeof behavior !== 'string' || !behavior.startsWith('wx://'));
  return { ...definition, behaviors: own };
}
