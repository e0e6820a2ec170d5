import type { z } from 'zod';
import type { ActionContext, ActionOutcome } from '../actions/action.ts';
import type { HandlerPorts } from './ports.ts';

/** One attempt, and the ports that the app hands to handlers. */
export type HandlerContext = ActionContext & HandlerPorts;

export interface HandlerSpec<Input> {
  /** The name in `action.name`: a letter, then letters and digits. Never renamed while tasks use it. */
  name: string;
  title: { zh: string; en: string };
  description: { zh: string; en: string };
  /** Checked when a task is created and again before each attempt. An absent input is read as `{}`. */
  input: z.ZodType<Input>;
  /** Addresses in the input that it will call, by the path of their field; judged when a task is created. */
  urls?(input: Input): Record<string, string>;
  /**
   * Does the work: answers `ok(result)`, `fail(error)` or `retryAfter(error, ms)`; nothing means ok without a result;
   * an exception means retry. Passes `ctx.signal` on to whatever it waits for.
   */
  run(input: Input, ctx: HandlerContext): Promise<ActionOutcome | undefined>;
}

/** A handler whose input type is known only to itself. */
export interface Handler extends Omit<HandlerSpec<unknown>, 'run' | 'urls'> {
  urls?(input: never): Record<string, string>;
  /** Expects what `input` answered. */
  run(input: never, ctx: HandlerContext): Promise<ActionOutcome | undefined>;
}

/**
 * Declares a handler; list it in `index.ts`.
 * @throws TypeError when the name is not a letter followed by at most 63 letters and digits
 */
export function defineHandler<Input>(spec: HandlerSpec<Input>): Handler {
  if (!/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(spec.name)) {
    throw new TypeError(
      `"${spec.name}" is not a handler name: a letter, then letters and digits, at most 64`,
    );
  }
  return spec;
}
