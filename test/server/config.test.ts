import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../../server/config.ts';

const SECRET = 'thirty-two-bytes-of-secret-or-more-than-that';
const PRODUCTION = { NODE_ENV: 'production', WECHAT_APPID: 'wx1', WECHAT_SECRET: 's', JWT_SECRET: SECRET };
const problems = (env: Record<string, string>) => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.deepEqual(error.message.split('\n'), error.problems);
    return error.problems;
  }
};

test('nothing set: a sandbox on loopback with an embedded store', () => {
  assert.deepEqual(readConfig({}), {
    production: false,
    role: 'all',
    host: '127.0.0.1',
    port: 3000,
    dataDir: './data',
    redisUrl: null,
    jwtSecrets: [],
    wechat: { appid: null, secret: null, apiBase: 'https://api.weixin.qq.com' },
    sandbox: true,
    operatorOpenids: [],
    trustProxy: 0,
    workerConcurrency: 50,
    leaseMs: 5_000,
    shutdownGraceMs: 30_000,
    allowHosts: [],
    logLevel: 'info',
  });
});

test('production listens everywhere and has no sandbox', () => {
  const config = readConfig(PRODUCTION);
  assert.deepEqual([config.production, config.host, config.sandbox], [true, '0.0.0.0', false]);
});

test('values are read, lists are split, empty values count as absent', () => {
  const config = readConfig({
    PORT: '0',
    HOST: '::1',
    DATA_DIR: '/var/lib/zhundian',
    REDIS_URL: 'redis+cluster://a:1,b:2',
    JWT_SECRET: `${SECRET}, ${SECRET}2`,
    WECHAT_APPID: '',
    WECHAT_API_BASE: 'http://127.0.0.1:9/',
    OPERATOR_OPENIDS: 'o-1,,o-2 ',
    TRUST_PROXY: '2',
    ALLOW_HOSTS: 'Shop.local:80,[::1]:8080',
    ROLE: 'api',
    LOG_LEVEL: 'debug',
    CBR_ENV_ID: 'prod-1',
  });
  assert.equal(config.port, 0);
  assert.equal(config.redisUrl, 'redis+cluster://a:1,b:2');
  assert.deepEqual(config.jwtSecrets, [SECRET, `${SECRET}2`]);
  assert.equal(config.wechat.apiBase, 'http://127.0.0.1:9');
  assert.deepEqual(config.operatorOpenids, ['o-1', 'o-2']);
  assert.deepEqual(config.allowHosts, ['shop.local:80', '[::1]:8080']);
  assert.equal(config.role, 'api');
  assert.equal(config.sandbox, true);
});

const BAD: [env: Record<string, string>, variable: string][] = [
  [{ PORT: '65536' }, 'PORT'],
  [{ PORT: '-1' }, 'PORT'],
  [{ PORT: '3000.5' }, 'PORT'],
  [{ PORT: '0x10' }, 'PORT'],
  [{ HOST: 'http://x', SANDBOX_LAN: '1' }, 'HOST'],
  [{ HOST: '0.0.0.0' }, 'HOST'],
  [{ HOST: '192.168.1.5' }, 'HOST'],
  [{ HOST: '127.evil.example' }, 'HOST'],
  [{ REDIS_URL: 'http://x' }, 'REDIS_URL'],
  [{ REDIS_URL: 'redis://' }, 'REDIS_URL'],
  [{ CBR_ENV_ID: 'prod-1' }, 'REDIS_URL'],
  [{ JWT_SECRET: 'short' }, 'JWT_SECRET'],
  [{ JWT_SECRET: `${SECRET},short` }, 'JWT_SECRET'],
  [{ ...PRODUCTION, JWT_SECRET: '' }, 'JWT_SECRET'],
  [{ NODE_ENV: 'production', JWT_SECRET: SECRET }, 'WECHAT_APPID'],
  [{ ...PRODUCTION, WECHAT_SECRET: '' }, 'WECHAT_SECRET'],
  [{ WECHAT_APPID: 'wx1' }, 'WECHAT_SECRET'],
  [{ WECHAT_API_BASE: 'ftp://x' }, 'WECHAT_API_BASE'],
  [{ WECHAT_API_BASE: 'https://x/?a=1' }, 'WECHAT_API_BASE'],
  [{ TRUST_PROXY: 'true' }, 'TRUST_PROXY'],
  [{ TRUST_PROXY: '11' }, 'TRUST_PROXY'],
  [{ WORKER_CONCURRENCY: '0' }, 'WORKER_CONCURRENCY'],
  [{ LEASE_MS: '999' }, 'LEASE_MS'],
  [{ SHUTDOWN_GRACE_MS: 'soon' }, 'SHUTDOWN_GRACE_MS'],
  [{ ALLOW_HOSTS: 'shop.local' }, 'ALLOW_HOSTS'],
  [{ ALLOW_HOSTS: 'shop.local:70000' }, 'ALLOW_HOSTS'],
  [{ ALLOW_HOSTS: 'http://shop.local:80' }, 'ALLOW_HOSTS'],
  [{ ROLE: 'scheduler' }, 'ROLE'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
  [{ SANDBOX_LAN: 'yes' }, 'SANDBOX_LAN'],
];
for (const [env, variable] of BAD) {
  test(`${JSON.stringify(env)} is refused, naming ${variable} and the rule`, () => {
    const found = problems(env);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', new RegExp(`^${variable} must `));
  });
}

test('all problems are told at once, and no value is repeated', () => {
  const found = problems({ PORT: 'http-hunter2', JWT_SECRET: 'hunter2', REDIS_URL: 'hunter2', ROLE: 'x' });
  assert.deepEqual(
    found.map((line) => line.split(' ')[0]),
    ['JWT_SECRET', 'REDIS_URL', 'ROLE', 'PORT'],
  );
  assert.ok(!found.join().includes('hunter2'));
});

test('SANDBOX_LAN=1 lets the sandbox leave loopback; a real appid may listen anywhere', () => {
  assert.equal(readConfig({ HOST: '0.0.0.0', SANDBOX_LAN: '1' }).sandbox, true);
  assert.equal(readConfig({ HOST: '0.0.0.0', WECHAT_APPID: 'wx1', WECHAT_SECRET: 's' }).sandbox, false);
});
