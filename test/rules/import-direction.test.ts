import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { type SourceFile, sourceFiles, withoutComments } from './source-files.ts';

/**
 * CONTRIBUTING.md, "Who may import whom": a room imports from its own row and those below. biome.json holds the same
 * rule by the way imports are spelt; this reads where they lead.
 */
const rows = [
  ['main'],
  ['app'],
  ['http', 'realtime', 'scheduler', 'worker', 'notify', 'observe', 'move'],
  ['tasks', 'auth', 'actions', 'handlers'],
  ['store', 'wechat', 'cloudbase'],
  ['config', 'lib'],
  ['shared'],
];

/** It delivers what others have done: it starts nothing, and writes to nobody but its own sockets. */
const seenByRealtime = ['realtime', 'tasks', 'auth', 'store', 'lib', 'config', 'shared'];

/** `server/http/routes/tasks.ts` → `http`, `shared/task.ts` → `shared`; what lies beside app.ts is part of it. */
function roomOf(path: string): string {
  const [top, room] = path.split('/') as [string, string];
  if (top !== 'server') return top;
  if (room === 'main.ts' || room === 'config.ts') return room.replace('.ts', '');
  return room.endsWith('.ts') ? 'app' : room;
}

const within = (folder: string, path: string) => path.startsWith(`${folder}/`);

/** Why `from` must not import `to` (a path from the root, or a package's name), or null. */
function forbidden(from: string, to: string): string | null {
  const [here, there] = [roomOf(from), roomOf(to)];
  const isPackage = !/^(server|shared|test|miniprogram|preview|scripts|bench)\//.test(to);
  if (here === 'shared') return there === 'shared' ? null : 'shared/ imports nothing from outside';
  if (here === 'miniprogram') {
    // TDesign lies in miniprogram_npm; that shared/ is imported by type alone is looked after where its syntax is read.
    const isPhones = ['miniprogram', 'shared'].includes(there) || /^tdesign-miniprogram(\/|$)/.test(to);
    return isPhones ? null : 'the phone imports itself, TDesign and types of shared/';
  }
  if (isPackage) return null;
  if (here === 'preview') {
    return ['server', 'test'].includes(to.split('/')[0] as string)
      ? `the preview takes nothing from ${to}`
      : null;
  }

  const [hereRow, thereRow] = [here, there].map((room) => rows.findIndex((row) => row.includes(room)));
  if (hereRow === -1) return `server/${here} has no row in this rule yet: give it one`;
  if (thereRow === -1) return `the server takes nothing from ${there}/`;
  if ((thereRow as number) < (hereRow as number)) return `${here} is below ${there}`;

  // The heartbeat thread and the move are entry points like main.ts, with connections of their own.
  const opensStore = ['server/app.ts', 'server/heartbeat-thread.ts', 'server/move.ts'].includes(from);
  if (to === 'server/store/open-store.ts' && !opensStore)
    return 'only app.ts, move.ts and the heartbeat thread open the store';
  for (const kind of ['redis', 'sqlite']) {
    const folder = `server/store/${kind}`;
    if (!within(folder, to) || within(folder, from) || from === 'server/store/open-store.ts') continue;
    return 'only open-store.ts knows the two stores';
  }
  if (there === 'realtime' && !['realtime', 'app'].includes(here)) return 'only app.ts knows realtime';
  if (here === 'realtime' && !seenByRealtime.includes(there)) return `realtime takes nothing from ${there}`;
  if (within('server/http/routes', from) && there === 'worker') return 'routes never touch the worker';
  if (here === 'actions' && there === 'store') return 'actions never touch the store';
  if (
    here === 'handlers' &&
    !['handlers', 'lib', 'shared'].includes(there) &&
    to !== 'server/actions/action.ts'
  ) {
    return 'handlers see only actions/action.ts and the ports they are handed';
  }
  return null;
}

function importsOf(file: SourceFile): string[] {
  const statements =
    /\b(?:import|export)\b[^'"`;=]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;
  return [...withoutComments(file.text).matchAll(statements)].map((match) => {
    const name = (match[1] ?? match[2]) as string;
    return name.startsWith('.') ? posix.join(posix.dirname(file.path), name) : name;
  });
}

test('nothing in server/, shared/, miniprogram/ and preview/ imports against the direction', () => {
  const rooms = ['server', 'shared', 'miniprogram', 'preview'].map((folder) =>
    sourceFiles(folder, ['.ts', '.mjs']),
  );
  assert.ok(
    rooms.every((files) => files.length > 2),
    'no sources found: this test looks in the wrong place',
  );
  const files = rooms.flat();
  const wrong = files.flatMap((file) =>
    importsOf(file).flatMap((to) => {
      const why = forbidden(file.path, to);
      return why === null ? [] : [`${file.path} imports ${to}: ${why}`];
    }),
  );
  assert.deepEqual(wrong, []);
});

test('the rule refuses what it is there to refuse', () => {
  const planted: [from: string, to: string, refused: boolean][] = [
    ['server/app.ts', 'server/store/open-store.ts', false],
    ['server/main.ts', 'server/store/open-store.ts', true],
    ['server/move.ts', 'server/store/open-store.ts', false],
    ['server/move/compare.ts', 'server/store/open-store.ts', true],
    ['server/move/compare.ts', 'server/tasks/history-service.ts', false],
    ['server/banner.ts', 'server/app.ts', false],
    ['server/banner.ts', 'server/main.ts', true],
    ['server/observe/health.ts', 'server/banner.ts', true],
    ['server/scheduler/scheduler.ts', 'server/store/open-store.ts', true],
    ['server/store/open-store.ts', 'server/store/redis/redis-store.ts', false],
    ['server/store/redis/redis-store.ts', 'server/store/redis/keys.ts', false],
    ['server/store/sqlite/driver.ts', 'server/store/redis/keys.ts', true],
    ['server/worker/worker.ts', 'server/store/sqlite/driver.ts', true],
    ['server/worker/worker.ts', 'server/store/store.ts', false],
    ['server/tasks/task-service.ts', 'server/http/create-http.ts', true],
    ['server/auth/login.ts', 'server/scheduler/scheduler.ts', true],
    ['server/actions/http-call.ts', 'server/worker/outcome.ts', true],
    ['server/actions/registry.ts', 'server/store/store.ts', true],
    ['server/handlers/noop.ts', 'server/tasks/schedule.ts', true],
    ['server/handlers/noop.ts', 'server/actions/action.ts', false],
    ['server/handlers/noop.ts', 'server/actions/registry.ts', true],
    ['server/http/routes/runs.ts', 'server/worker/worker.ts', true],
    ['server/http/routes/runs.ts', 'server/tasks/task-service.ts', false],
    ['server/lib/clock.ts', 'server/config.ts', false],
    ['server/lib/clock.ts', 'server/store/store.ts', true],
    ['server/store/store.ts', 'server/tasks/schedule.ts', true],
    ['server/lib/errors.ts', 'shared/errors.ts', false],
    ['server/lib/errors.ts', 'test/helpers/redis.ts', true],
    ['server/attic/old.ts', 'shared/errors.ts', true],
    ['server/realtime/hub.ts', 'server/tasks/services.ts', false],
    ['server/realtime/hub.ts', 'server/store/store.ts', false],
    ['server/realtime/hub.ts', 'server/store/open-store.ts', true],
    ['server/realtime/hub.ts', 'server/http/create-http.ts', true],
    ['server/realtime/hub.ts', 'server/actions/action.ts', true],
    ['server/realtime/hub.ts', 'ws', false],
    ['server/app.ts', 'server/realtime/gateway.ts', false],
    ['server/http/create-http.ts', 'server/realtime/gateway.ts', true],
    ['server/notify/inbox.ts', 'server/realtime/hub.ts', true],
    ['server/app.ts', 'preview/build/crawl.mjs', true],
    ['server/app.ts', 'miniprogram/config', true],
    ['miniprogram/api/client', 'miniprogram/lib/wx', false],
    ['miniprogram/api/client', 'shared/task', false],
    ['miniprogram/api/client', 'tdesign-miniprogram/toast/index', false],
    ['miniprogram/api/client', 'zod', true],
    ['miniprogram/api/client', 'node:fs', true],
    ['miniprogram/api/client', 'server/config.ts', true],
    ['miniprogram/api/client', 'preview/runtime/start.ts', true],
    ['preview/runtime/start.ts', 'miniprogram/app', false],
    ['preview/runtime/start.ts', 'glass-easel', false],
    ['preview/runtime/start.ts', 'server/config.ts', true],
    ['preview/runtime/start.ts', 'test/helpers/redis.ts', true],
    ['shared/task.ts', 'shared/run.ts', false],
    ['shared/task.ts', 'server/lib/clock.ts', true],
    ['shared/task.ts', 'zod', true],
    ['server/lib/logger.ts', 'pino', false],
  ];
  for (const [from, to, refused] of planted) {
    assert.equal(forbidden(from, to) !== null, refused, `${from} → ${to}: ${forbidden(from, to)}`);
  }
});

test('every spelling of an import is read, and none in a comment', () => {
  const text = `
    import { a } from './a.ts';
    import type {
      B,
    } from "../lib/b.ts";
    import './c.ts';
    export { d } from './d.ts';
    export * from './e.ts';
    const f = await import('./f.ts');
    // import { no } from './no.ts';
    /* import { no } from './no.ts'; */
    export const from = 'nowhere';`;
  const read = importsOf({ path: 'server/tasks/x.ts', text });
  const inTasks = ['a', 'c', 'd', 'e', 'f'].map((name) => `server/tasks/${name}.ts`);
  assert.deepEqual(read.sort(), ['server/lib/b.ts', ...inTasks].sort());
});
