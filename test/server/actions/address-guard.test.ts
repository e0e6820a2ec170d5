import assert from 'node:assert/strict';
import test from 'node:test';
import {
  checkUrl,
  isForbiddenAddress,
  isForbiddenHost,
  parseAllowHosts,
} from '../../../server/actions/address-guard.ts';
import { FORBIDDEN_URLS } from './forbidden-urls.ts';

test('every written form of a forbidden address is refused', () => {
  for (const url of FORBIDDEN_URLS) assert.equal(checkUrl(url, [])?.code, 'ADDRESS_FORBIDDEN', url);
});

test('public hosts are let through, whatever their port', () => {
  for (const url of [
    'https://example.com/',
    'http://example.com:22/',
    'http://8.8.8.8/',
    'http://134744072/',
    'http://[2606:4700:4700::1111]/',
    'http://[::ffff:8.8.8.8]/',
    'https://准点.example/路径?q=1',
    'https://internal.example.com/',
    'https://metadata.example.com/',
  ]) {
    assert.equal(checkUrl(url, []), null, url);
  }
});

test('scheme, credentials, length and form are checked', () => {
  for (const url of [
    'ftp://example.com/',
    'file:///etc/passwd',
    'data:text/plain,hi',
    'javascript:alert(1)',
    'https://user@example.com/',
    'https://:secret@example.com/',
    'example.com',
    'http://',
    '',
    `https://example.com/${'a'.repeat(2048)}`,
  ]) {
    const problem = checkUrl(url, []);
    assert.equal(problem?.code, 'ADDRESS_FORBIDDEN', url);
    assert.ok(problem.message.zh && problem.message.en);
  }
});

test('an exempt pair is exact: the same host on another port stays forbidden', () => {
  const allowHosts = ['127.0.0.1:8080', '[::1]:80', 'demo.local:443'];
  for (const url of [
    'http://127.0.0.1:8080/x',
    'http://[::1]/',
    'https://demo.local/',
    'http://127.1:8080/',
  ]) {
    assert.equal(checkUrl(url, allowHosts), null, url);
  }
  for (const url of [
    'http://127.0.0.1/',
    'http://127.0.0.1:80801/',
    'http://localhost:8080/',
    'http://demo.local/',
  ]) {
    assert.equal(checkUrl(url, allowHosts)?.code, 'ADDRESS_FORBIDDEN', url);
  }
});

test('an exempt pair does not exempt credentials or another scheme', () => {
  assert.notEqual(checkUrl('http://user:pass@127.0.0.1:8080/', ['127.0.0.1:8080']), null);
  assert.notEqual(checkUrl('ftp://127.0.0.1:8080/', ['127.0.0.1:8080']), null);
});

test('an entry that is not host:port is refused by name', () => {
  for (const entry of ['127.0.0.1', '', ':80', 'http://a:80', 'a:80/path', 'u@a:80', 'a:99999', 'a:']) {
    assert.throws(() => parseAllowHosts([entry]), { name: 'TypeError' }, entry);
  }
});

test('the server’s own addresses and names are forbidden in any notation', () => {
  const own = ['203.0.114.9', '2400:3200::1', 'redis.example.com'];
  assert.ok(checkUrl('http://203.0.114.9/', [], own));
  assert.ok(checkUrl('http://[::ffff:203.0.114.9]/', [], own));
  assert.ok(checkUrl('http://[2400:3200:0:0::1]/', [], own));
  assert.ok(checkUrl('http://REDIS.example.com./', [], own));
  assert.equal(checkUrl('http://203.0.114.10/', [], own), null);
});

test('ranges that a library may take for public are forbidden', () => {
  const forbidden = [
    '::7f00:1',
    '4000::1',
    'fec0::1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::1',
    '2001::1',
    '100::1',
    '3fff::1',
    '5f00::1',
    'fd00:ec2::254',
    'fe80::1%eth0',
    '::',
    '168.63.129.16',
    '::ffff:168.63.129.16',
    '100.100.100.200',
    '169.254.0.23',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '0.0.0.0',
    'not an address',
    '',
  ];
  for (const address of forbidden) assert.ok(isForbiddenAddress(address), address);
  for (const address of ['8.8.8.8', '168.63.129.17', '2606:4700::1']) {
    assert.ok(!isForbiddenAddress(address), address);
  }
  assert.ok(isForbiddenHost(''));
});
