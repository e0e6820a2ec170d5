/** From an acknowledged finish to a frame on another server, 5,000 sockets open, beside plain ws and socket.io. */
import { measure } from './lib/child.mjs';
import { median, round } from './lib/numbers.mjs';

const [sockets, rate, seconds, rounds] = [5_000, 100, 8, Number(process.argv[2] ?? 3)];
const rows = [];
for (let n = 0; n < rounds; n += 1) {
  for (const kind of ['ws', 'socketio', 'zhundian'])
    rows.push(await measure('sockets.mjs', [kind, sockets, rate, seconds]));
}
const kinds = ['ws', 'socketio', 'zhundian'];
const of = (kind, field) =>
  rows.filter((row) => row.kind === kind && row[field] !== undefined).map((row) => row[field]);
const table = Object.fromEntries(
  kinds.map((kind) => [
    kind,
    Object.fromEntries(
      ['p50', 'p99', 'max', 'lost', 'connectMs', 'bytesPerSocket', 'backMs', 'lostAfter'].flatMap((field) => {
        const values = of(kind, field);
        return values.length === 0 ? [] : [[field, median(values)]];
      }),
    ),
  ]),
);
console.table(table);
console.log(
  JSON.stringify({
    scenario: 'realtime',
    sockets,
    rate,
    seconds,
    rounds,
    ...table,
    ratio: {
      p99: round(table.zhundian.p99 / table.ws.p99),
      bytes: round(table.zhundian.bytesPerSocket / table.ws.bytesPerSocket),
    },
    goal: 'p99 ≤ 5 ms, ≤ 15 KB a socket, back ≤ 10 s, none lost',
    outsideCores: rows.map((r) => r.outsideCores),
  }),
);
