/** Who used the processor: this process and all that descend from it, or somebody else on the machine. */
import { readdirSync, readFileSync } from 'node:fs';

/** More than this many cores used by others make a run noisy: with one busy core beside it BullMQ's burst halves. */
export const NOISY_CORES = 0.3;

/** Starts counting; the function it answers tells the cores that others used since. Hundredths of a second (Linux). */
export function watchOthers() {
  const from = { at: performance.now(), machine: machineTicks(), own: ownTicks() };
  return () => {
    const ticks = machineTicks() - from.machine - (ownTicks() - from.own);
    return Math.max(0, Math.round(ticks / ((performance.now() - from.at) / 1_000)) / 100);
  };
}

/** user, nice, system and steal; interrupts belong to nobody (ours on loopback, as a rule). */
function machineTicks() {
  const [user, nice, system, , , , , steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return user + nice + system + steal;
}

/** This process, its living descendants, and those dead ones that were waited for (they are in their parent's sum). */
function ownTicks() {
  const processes = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(pid);
    if (fields !== null) processes.set(Number(pid), fields);
  }
  const isOurs = (pid) => {
    for (let at = pid; at > 1; at = processes.get(at)?.parent ?? 0) if (at === process.pid) return true;
    return false;
  };
  return [...processes].reduce((sum, [pid, { ticks }]) => (isOurs(pid) ? sum + ticks : sum), 0);
}

/** Null: it has ended meanwhile. */
function statOf(pid) {
  try {
    // The name in parentheses may hold anything, spaces and parentheses included.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    return { parent: fields[1], ticks: fields[11] + fields[12] + fields[13] + fields[14] };
  } catch {
    return null;
  }
}
