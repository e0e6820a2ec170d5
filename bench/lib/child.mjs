/** Each measurement runs in a process of its own and says its figures as one JSON line. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Runs bench/<script> with arguments; resolves with what it reported and how much CPU others used meanwhile (cores). */
export async function measure(script, ...args) {
  const before = cpu();
  const child = spawn(
    process.execPath,
    [new URL(`../${script}`, import.meta.url).pathname, ...args.map(String)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), 180_000);
  let figures = null;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) figures = JSON.parse(line);
    else console.error(line);
  }
  clearTimeout(timer);
  if (figures === null) throw new Error(`${script} ${args.join(' ')} reported nothing`);
  const after = cpu();
  return { ...figures, machineBusy: round((after.busy - before.busy) / (after.all - before.all)) };
}

function cpu() {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/);
  const all = ticks.slice(0, 8).reduce((sum, n) => sum + Number(n), 0);
  return { all, busy: all - Number(ticks[3]) - Number(ticks[4]) };
}

export const report = (figures) => console.log(JSON.stringify(figures));

export const round = (n, digits = 2) => Math.round(n * 10 ** digits) / 10 ** digits;

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** p50, p99, p999 and max of numbers in ms. */
export function percentiles(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (p) => round(sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]);
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: round(sorted.at(-1)), n: sorted.length };
}

/** Unix time in ms with fractions. */
export const preciseNow = () => performance.timeOrigin + performance.now();
