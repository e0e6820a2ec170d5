import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { chooseServer, serverFor } from '../../miniprogram/config.ts';

test('the template as it ships: this machine in development, nothing else before it is set', () => {
  assert.deepEqual(serverFor('develop'), {
    kind: 'http',
    baseUrl: 'http://127.0.0.1:3000',
    socketUrl: 'ws://127.0.0.1:3000/api/realtime',
  });
  assert.deepEqual(serverFor('trial'), { kind: 'unset', envVersion: 'trial' });
  assert.deepEqual(serverFor('release'), { kind: 'unset', envVersion: 'release' });
});

test('an address is taken with or without slashes at its end; what is none is not', () => {
  assert.deepEqual(chooseServer('release', 'https://a.cn/base//', null), {
    kind: 'http',
    baseUrl: 'https://a.cn/base',
    socketUrl: 'wss://a.cn/base/api/realtime',
  });
  for (const address of ['', 'a.cn', 'ftp://a.cn', 'https://', 'https://your-domain.example/']) {
    assert.equal(chooseServer('release', address, null).kind, 'unset', address);
  }
});

test('a CloudBase environment takes the place of the address', () => {
  const server = chooseServer('release', '', { env: 'prod-1', service: 'api' });
  assert.deepEqual(server, { kind: 'container', env: 'prod-1', service: 'api' });
});

test('the development address stands in one place: tools put their own there', () => {
  const folder = new URL('../../../miniprogram/', import.meta.url);
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const holders = files.filter(
    (file) =>
      /\.(ts|wxml|json)$/.test(file) &&
      !/^(miniprogram_npm|node_modules)\//.test(file) &&
      fs.readFileSync(new URL(file, folder), 'utf8').includes('127.0.0.1'),
  );
  assert.deepEqual(holders, ['config.ts']);
  const source = fs.readFileSync(new URL('config.ts', folder), 'utf8');
  assert.equal(source.split('http://127.0.0.1:3000').length, 2);
});
