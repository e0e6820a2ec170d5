/** Each measurement runs in a process of its own and says its figures as one JSON line. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { nodeFlags } from '../../scripts/lib/node-flags.mjs';
import { NOISY_CORES, watchOthers } from './cpu.mjs';
import { atEnd } from './ends.mjs';

/**
 * Runs bench/<script>; resolves with what it reported, and `outsideCores`, what others used of the processor meanwhile.
 * `args`: one object, which the child reads with `given`, or a list of words. Rejects when it reports nothing in time.
 */
export async function measure(script, args, { withinMs = 180_000 } = {}) {
  const others = watchOthers();
  const path = new URL(`../${script}`, import.meta.url).pathname;
  const words = Array.isArray(args) ? args.map(String) : [JSON.stringify(args)];
  // As npm start does; for peers too.
  const child = spawn(process.execPath, [...nodeFlags(), path, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const forget = atEnd(() => child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  let figures = null;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) figures = JSON.parse(line);
    else console.error(line);
  }
  await ended;
  clearTimeout(timer);
  forget();
  if (figures === null) throw new Error(`${script} reported nothing`);
  const outsideCores = others();
  return { ...figures, outsideCores, noisy: outsideCores > NOISY_CORES };
}

/** In the child: what the measurement was given. */
export const given = () => JSON.parse(process.argv[2]);

/** In the child: says the figures and ends, so that nothing left open holds the suite up. */
export function report(figures) {
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}
