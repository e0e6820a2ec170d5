/**
 * The bench: `node suite.mjs [scenarios…] [--rounds 3] [--quick] [--million]`. Each measurement runs in a process of its own
 * on servers of its own, all kinds in turn in each round. Prints a table and keeps results/<scenario>.json, from which
 * report.mjs makes docs and pictures. `--quick`: tiny sizes, one round, kept in results/quick: does it work?
 */
import { parseArgs } from 'node:util';
import { measure } from './lib/child.mjs';
import { machine, machineLine } from './lib/machine.mjs';
import { findPostgres, startPostgres } from './lib/postgres.mjs';
import { startRedis } from './lib/redis.mjs';
import { keepResult, rowsOf, spread } from './lib/results.mjs';
import { scenarios } from './lib/scenarios.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
const rounds = values.quick ? 1 : Number(values.rounds);
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  const names = scenarios.map(({ name }) => name).join(' ');
  console.error(`node suite.mjs [${names}] [--rounds 1…] [--quick] [--million]`);
  process.exit(64); // EX_USAGE
}
const folder = new URL(values.quick ? 'results/quick' : 'results', import.meta.url).pathname;
const wanted = scenarios.filter(({ name, more = false }) => {
  if (name === 'million' && values.million) return true;
  return positionals.length > 0 ? positionals.includes(name) : !more;
});
let failed = 0;
for (const scenario of wanted) {
  const result = await run(scenario);
  print(scenario, result);
  keepResult(folder, result);
}
process.exit(failed === 0 ? 0 : 1);

async function run(scenario) {
  const missing = scenario.kinds.filter(({ postgres }) => postgres && findPostgres() === null);
  const notes = missing.map(({ kind }) => `${kind} was skipped: PostgreSQL is not installed`);
  const kinds = scenario.kinds.filter((kind) => !missing.includes(kind));
  const size = values.quick ? scenario.quick : scenario.full;
  const cases = scenario.cases?.[values.quick ? 'quick' : 'full'] ?? [{}];
  const at = new Date().toISOString();
  const runs = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const part of cases) {
      for (const kind of kinds) {
        try {
          const measured = await one(scenario, kind, { ...size, ...part });
          runs.push(...asRuns(measured).map((figures) => ({ round, kind: kind.kind, ...figures })));
          const noisy = measured.noisy ? ` (noisy: ${measured.outsideCores} cores)` : '';
          console.error(`${scenario.name} ${round}/${rounds} ${kind.kind}${noisy}`);
        } catch (error) {
          // The others are worth having all the same; the record says what is missing.
          failed += 1;
          notes.push(`${kind.kind} failed in round ${round}: ${error.message}`);
          console.error(notes.at(-1));
        }
      }
    }
  }
  return { scenario: scenario.name, at, machine: machine(), size: { ...size, rounds }, notes, runs };
}

/** A measurement reports one set of figures, or `rows` of them by case. */
function asRuns({ rows = [{}], outsideCores, noisy, ...rest }) {
  return rows.map(({ case: name = null, ...figures }) => ({
    case: name,
    outsideCores,
    noisy,
    ...rest,
    ...figures,
  }));
}

/** One measurement, with fresh servers that end with it. */
async function one(scenario, { script, redis, postgres, given }, size) {
  const servers = [];
  try {
    const args = { redisUrl: null, ...size, ...given };
    if (redis !== undefined) {
      servers.push(await startRedis(redis));
      args.redisUrl = servers.at(-1).url;
    }
    if (postgres) {
      servers.push(await startPostgres());
      args.postgresUrl = servers.at(-1).url;
    }
    return await measure(`measure/${script}.mjs`, args, { withinMs: scenario.withinMs });
  } finally {
    for (const server of servers) await server.stop();
  }
}

function print(scenario, result) {
  console.log(`\n${scenario.title}\n${machineLine(result)}`);
  console.table(
    rowsOf(result).map(({ kind, case: name, runs }) => {
      const row = { ...(name === null ? {} : { case: name }), kind };
      for (const [figure, label] of Object.entries(scenario.columns)) {
        const value = spread(runs, figure);
        if (value !== null)
          row[label] = `${value.median} (${value.least}–${value.most})${value.noisy ? ' noisy' : ''}`;
      }
      return row;
    }),
  );
  for (const note of result.notes) console.log(note);
}
