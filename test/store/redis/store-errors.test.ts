import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ReplyError } from 'ioredis';
import { readSlots } from '../../../server/store/redis/slots.ts';
import { replyCode, toStoreError } from '../../../server/store/redis/store-errors.ts';
import { StoreUnavailableError } from '../../../server/store/status.ts';

const reply = (message: string) => new ReplyError(message);

it('what heals without a restart is unavailability', () => {
  for (const text of [
    'BUSY Redis is busy running a script.',
    'CLUSTERDOWN The cluster is down',
    'LOADING Redis is loading the dataset in memory',
    'MASTERDOWN Link with MASTER is down',
    'MISCONF Redis is configured to save RDB snapshots',
    'MOVING the partition is on its way to another node',
    'NOAUTH Authentication required.',
    "NOPERM this user has no permissions to run the 'evalsha' command",
    'NOREPLICAS Not enough good replicas to write.',
    "OOM command not allowed when used memory > 'maxmemory'. script: 1, on @user_script:1.",
    "READONLY You can't write against a read only replica.",
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'WRONGPASS invalid username-password pair or user is disabled.',
  ]) {
    const error = toStoreError(reply(text));
    assert.ok(error instanceof StoreUnavailableError, text);
    assert.match(error.message, /^Redis: /);
  }
  for (const error of [
    new Error('Command timed out'),
    new Error('Connection is closed.'),
    new Error('Too many Cluster redirections. Last error: ReplyError: MOVED 1 127.0.0.1:1'),
    new Error('None of startup nodes is available'),
  ]) {
    assert.equal(replyCode(error), null);
    assert.ok(toStoreError(error) instanceof StoreUnavailableError, error.message);
  }
});

it('what no waiting heals is told as it is', () => {
  for (const text of ['WRONGTYPE Operation against a key', 'ERR user_script:1: no such thing']) {
    const error = reply(text);
    assert.equal(toStoreError(error), error);
  }
});

it('CLUSTER SLOTS: the master of a slot, or none', () => {
  const owner = readSlots([
    [0, 99, ['127.0.0.1', 7000, 'id', []], ['127.0.0.1', 7003, 'id', []]],
    [100, 100, [null, 7001, 'id']],
    [101, 200, ['', 7002, 'id']],
    [201, 300],
  ]);
  assert.deepEqual(owner(0), { host: '127.0.0.1', port: 7000 });
  assert.deepEqual(owner(99), { host: '127.0.0.1', port: 7000 });
  for (const slot of [100, 101, 201, 5_000]) assert.equal(owner(slot), null, `${slot}`);
  assert.equal(readSlots('nonsense')(0), null);
});
