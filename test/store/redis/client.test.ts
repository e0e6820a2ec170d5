import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseRedisUrl } from '../../../server/store/redis/client.ts';
import { parseWake } from '../../../server/store/redis/wakes.ts';
import { StartError } from '../../../server/store/status.ts';

it('REDIS_URL: every form', () => {
  const plain = { mode: 'standalone', tls: false, username: undefined, password: undefined, name: '', db: 0 };
  assert.deepEqual(parseRedisUrl('redis://localhost'), {
    ...plain,
    hosts: [{ host: 'localhost', port: 6379 }],
  });
  assert.deepEqual(parseRedisUrl('rediss://u:p%40ss:word@10.0.0.1:6380/3'), {
    ...plain,
    tls: true,
    username: 'u',
    password: 'p@ss:word',
    db: 3,
    hosts: [{ host: '10.0.0.1', port: 6380 }],
  });
  assert.deepEqual(parseRedisUrl('redis://:secret@[::1]:7000').hosts, [{ host: '::1', port: 7000 }]);
  assert.deepEqual(parseRedisUrl('redis+sentinel://:secret@a,b:1/main/2'), {
    ...plain,
    mode: 'sentinel',
    password: 'secret',
    name: 'main',
    db: 2,
    hosts: [
      { host: 'a', port: 26379 },
      { host: 'b', port: 1 },
    ],
  });
  assert.deepEqual(parseRedisUrl('redis+cluster://a:1,b:2').mode, 'cluster');
});

it('REDIS_URL: what cannot be is refused in one line, without the password', () => {
  for (const url of [
    'http://localhost',
    'redis://',
    'redis://a,b',
    'redis://a/x',
    'redis://a:123456',
    'redis+sentinel://a:1',
    'redis+cluster://a/1',
    'redis://user:%zz@a',
  ]) {
    assert.throws(
      () => parseRedisUrl(url),
      (error) =>
        error instanceof StartError && !error.message.includes('\n') && !error.message.includes('%zz'),
      url,
    );
  }
});

it('wakes: texts of scripts, and nothing else', () => {
  assert.deepEqual(parseWake('r|15'), { kind: 'ready', partition: 15 });
  assert.deepEqual(parseWake('d|3|1795422943925'), { kind: 'due', partition: 3, at: 1_795_422_943_925 });
  assert.deepEqual(parseWake('c|0|00abc:1'), { kind: 'cancel', partition: 0, runId: '00abc:1' });
  for (const text of ['', 'x', 'r|', 'r|x', 'r|16', 'd|1', 'd|1|x', 'c|1', 'z|1|2']) {
    assert.equal(parseWake(text), null, text);
  }
});
