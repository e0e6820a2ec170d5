import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../../server/lib/logger.ts';

test('secrets are masked wherever they are logged', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } });
  const headers = { authorization: 'HIDE1', cookie: 'HIDE2', 'x-wx-openid': 'HIDE3', accept: 'keep' };
  logger.info({ headers, req: { headers }, request: { headers } }, 'a');
  logger.info({ body: { code: 'HIDE4', refreshToken: 'HIDE5' }, query: { token: 'HIDE6' } }, 'b');
  logger.info(
    { config: { jwtSecrets: ['HIDE7'], redisUrl: 'HIDE8', wechat: { appid: 'keep', secret: 'HIDE9' } } },
    'c',
  );
  logger.info({ action: { url: 'keep', headers: { key: 'HIDE10' }, body: 'HIDE11' } }, 'd');
  logger.info({ task: { action: { headers: { key: 'HIDE12' }, body: 'HIDE13' } } }, 'e');
  logger.info({ accessToken: 'HIDE14', token: 'HIDE15', openid: 'HIDE16' }, 'f');
  logger.error({ err: Object.assign(new Error('keep'), { code: 'ECONNREFUSED', body: 'HIDE17' }) }, 'g');
  const text = lines.join('');
  assert.doesNotMatch(text, /HIDE/);
  assert.equal(text.match(/keep/g)?.length, 7, text);
  assert.match(text, /ECONNREFUSED/);
});

test('the level is the one configured', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'warn', destination: { write: (line) => lines.push(line) } });
  logger.info('quiet');
  logger.warn('loud');
  assert.equal(lines.length, 1);
});
