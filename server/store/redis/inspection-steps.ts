/** What the store finds out about itself, and its repairs. */
import type { SkipReason } from '../../../shared/run.ts';
import { partitionOfId } from '../ids.ts';
import type { BrokenRecord, DayCount, Fault, InspectedTask, StrayEntry } from '../inspection.ts';
import type { Store } from '../store.ts';
import { decodeName, encodeName, type Keys } from './keys.ts';
import type { Link } from './link.ts';
import { decodeTask } from './task-codec.ts';
import { REASON_LETTER } from './verdict-codec.ts';

type InspectionSteps = Pick<
  Store,
  'inspectTasks' | 'repairTask' | 'inspectIndexes' | 'repairIndexes' | 'repairDay'
>;

const LETTER: Record<StrayEntry['index'], string> = {
  due: 'd',
  task: 't',
  lease: 'l',
  retry: 'y',
  owner: 'o',
  runs: '-',
};
/** In the order of looking: `<index>|<where>` is how an inspection goes on. */
const RANKED = ['due', 'lease', 'retry'] as const;

export function createInspectionSteps({ link, keys }: { link: Link; keys: Keys }): InspectionSteps {
  /** Entries of one index from a rank on. */
  async function look(
    partition: number,
    index: StrayEntry['index'],
    owner: string,
    from: number,
    limit: number,
  ) {
    const args = [LETTER[index], owner, from, limit];
    const answer = await link.read('inspect-indexes', keys.partition(partition), args);
    const [ids, unlisted, looked] = answer as [string[], string[], number];
    const strays = ids.map((id): StrayEntry => ({ index, id, owner: decodeName(owner) }));
    return { strays, unlisted, looked };
  }

  /** The lists of some owners: those of one page of the hash that has an entry for each. */
  async function lookAtOwners(partition: number, position: string, limit: number) {
    const found = { strays: [] as StrayEntry[], unlisted: [] as string[] };
    const key = keys.of(partition, 'OWNER_SEQS');
    const [next, fields] = await link.command((client) => client.hscan(key, position, 'COUNT', 16));
    for (let at = 0; at < fields.length; at += 2) {
      for (let from = 0, looked = limit; looked === limit; from += limit) {
        const page = await look(partition, 'owner', fields[at] as string, from, limit);
        found.strays.push(...page.strays);
        found.unlisted.push(...page.unlisted);
        looked = page.looked;
      }
    }
    return { ...found, next: next === '0' ? null : `owner|${next}` };
  }

  return {
    async inspectTasks(partition, of) {
      const args = 'taskIds' in of ? ['', 0, ...of.taskIds] : [of.after ?? '', of.limit];
      const answer = await link.read('inspect-tasks', keys.partition(partition), args);
      const [texts, flat, next] = answer as [string[], string[], string];
      const tasks: InspectedTask[] = [];
      const broken: BrokenRecord[] = [];
      for (let at = 0; at < flat.length; at += 2)
        broken.push({ id: flat[at] as string, what: flat[at + 1] as string });
      for (let at = 0; at < texts.length; at += 4) {
        const [definition, hot, id, faults] = texts.slice(at, at + 4) as [string, string, string, string];
        try {
          tasks.push({ task: decodeTask(id, definition, hot), faults: decodeFaults(faults) });
        } catch {
          broken.push({ id, what: 'the definition cannot be read' });
        }
      }
      return { tasks, broken, next: next === '' ? null : next };
    },

    async repairTask(taskId, leaseMs) {
      const partition = partitionOfId(taskId);
      if (partition === null) return [];
      const [faults] = (await link.step('repair-task', partition, [taskId, leaseMs])) as [string[]];
      return decodeFaults(faults.join('\n'));
    },

    async inspectIndexes(partition, after, limit) {
      const [index = 'due', position = '0'] = after?.split('|') ?? [];
      if (index === 'owner') return lookAtOwners(partition, position, limit);
      const place = RANKED.indexOf(index as (typeof RANKED)[number]);
      const from = Number(position);
      const { looked, ...found } = await look(partition, RANKED[place] ?? 'due', '', from, limit);
      const next = looked === limit ? `${index}|${from + limit}` : `${RANKED[place + 1] ?? 'owner'}|0`;
      return { ...found, next };
    },

    async repairIndexes(partition, strays) {
      const args = strays
        .filter(({ index }) => index !== 'runs')
        .flatMap(({ index, id, owner }) => [LETTER[index], id, encodeName(owner)]);
      if (args.length === 0) return 0;
      const [removed] = (await link.step('repair-indexes', partition, args)) as [number];
      return removed;
    },

    async repairDay(taskId, day, seen, counted) {
      const partition = partitionOfId(taskId);
      if (partition === null) return false;
      const now = countersOf(counted);
      const args = [...countersOf(seen)].flatMap(([name, n]) => [day + name, n, now.get(name) ?? 0]);
      const [done] = (await link.step('repair-day', partition, [taskId, ...args])) as [number];
      return done === 1;
    },
  };
}

/** Lines of `kind what`. */
const decodeFaults = (text: string): Fault[] =>
  text === ''
    ? []
    : text.split('\n').map((line) => {
        const space = line.indexOf(' ');
        return { kind: line.slice(0, space) as Fault['kind'], what: line.slice(space + 1) };
      });

/** All slot counters of a day by their field's name. */
const countersOf = ({ fired, caughtUp, skipped }: DayCount): Map<string, number> =>
  new Map([
    ['f', fired],
    ['c', caughtUp],
    ...Object.entries(REASON_LETTER).map(([reason, letter]): [string, number] => [
      `k${letter}`,
      skipped[reason as SkipReason] ?? 0,
    ]),
  ]);
