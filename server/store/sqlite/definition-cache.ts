/** Parsed definitions of claimed runs: the same few are claimed again and again. Frozen, since claims share them. */
import type { TaskDefinition } from '../../../shared/task.ts';

const MAX = 2_000;

export class DefinitionCache {
  readonly #parsed = new Map<string, TaskDefinition>();

  get(text: string): TaskDefinition {
    let definition = this.#parsed.get(text);
    if (definition === undefined) {
      definition = freeze(JSON.parse(text) as TaskDefinition);
      if (this.#parsed.size >= MAX) this.#parsed.clear();
      this.#parsed.set(text, definition);
    }
    return definition;
  }
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}
