import assert from 'node:assert/strict';
import test from 'node:test';
import { buildConnector } from 'undici';
import {
  type AllLookup,
  createGuardedConnect,
  type GuardedConnectDeps,
} from '../../../server/actions/guarded-connect.ts';
import { FORBIDDEN_URLS } from './forbidden-urls.ts';
import { guardedHttp, serveHttp, serveTcp, signalled } from './loopback.ts';

const PUBLIC = '93.184.216.34';
const FORBIDDEN = { name: 'HttpCallError', code: 'HTTP_ADDRESS_FORBIDDEN' };

/** Answers the lists given, one a call, and the last one ever after. */
function lookupOf(...answers: string[][]): AllLookup & { names: string[] } {
  const names: string[] = [];
  const lookup: AllLookup = (hostname, _options, callback) => {
    const addresses = answers[Math.min(names.length, answers.length - 1)]!;
    names.push(hostname);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return Object.assign(lookup, { names });
}

/** Dials nothing: resolves as the guard lets it and records what would have been dialled. */
function dialNothing(dialled: string[]): NonNullable<GuardedConnectDeps['build']> {
  return ({ lookup }) =>
    ({ hostname }, callback) =>
      lookup(hostname, { all: true }, (error, addresses) => {
        if (error) return callback(error, null);
        dialled.push(...(addresses as { address: string }[]).map(({ address }) => address));
        callback(Object.assign(new Error('dialling is off'), { code: 'ECONNREFUSED' }), null);
      });
}

test('no notation of a forbidden address gets as far as dialling', async (t) => {
  const dialled: string[] = [];
  const lookup = lookupOf(['127.0.0.1']);
  const http = guardedHttp(t, [], { lookup, buildConnector: dialNothing(dialled) });
  for (const url of FORBIDDEN_URLS) await assert.rejects(http.request({ url }), FORBIDDEN, url);
  assert.deepEqual(dialled, []);
  assert.deepEqual(lookup.names, [], 'a name on the deny list is not even resolved');
});

test('the connector refuses a literal by itself, before it resolves or dials', async () => {
  const dialled: string[] = [];
  const connect = createGuardedConnect({
    allowed: new Set(),
    ownAddresses: () => [],
    lookup: lookupOf([PUBLIC]),
    build: dialNothing(dialled),
  });
  for (const hostname of [
    '127.0.0.1',
    '::1',
    '[::1]',
    '::ffff:7f00:1',
    '10.0.0.1',
    'localhost',
    '0x7f.1',
    '127.1',
    '0',
  ]) {
    const error = await new Promise((resolve) =>
      connect({ hostname, protocol: 'http:', port: '' }, (...args) => resolve(args[0])),
    );
    assert.equal((error as { code: string }).code, FORBIDDEN.code, hostname);
  }
  assert.deepEqual(dialled, []);
});

test('a name that resolves to a forbidden address is refused', async (t) => {
  const target = await serveHttp(t, (_req, res) => res.end('secret'));
  for (const address of [
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '10.0.0.5',
    '169.254.169.254',
    '168.63.129.16',
  ]) {
    const http = guardedHttp(t, [], { lookup: lookupOf([address]) });
    await assert.rejects(http.request({ url: `http://rebind.test:${target.port}/` }), FORBIDDEN, address);
  }
});

test('one forbidden address among public ones refuses the name', async (t) => {
  const dialled: string[] = [];
  const http = guardedHttp(t, [], {
    lookup: lookupOf([PUBLIC, '127.0.0.1']),
    buildConnector: dialNothing(dialled),
  });
  await assert.rejects(http.request({ url: 'http://rebind.test/' }), FORBIDDEN);
  assert.deepEqual(dialled, []);
});

test('rebinding: public at first, loopback afterwards, is let through once and refused then', async (t) => {
  const dialled: string[] = [];
  const http = guardedHttp(t, [], {
    lookup: lookupOf([PUBLIC], ['127.0.0.1']),
    buildConnector: dialNothing(dialled),
  });
  await assert.rejects(http.request({ url: 'http://rebind.test/' }), { code: 'HTTP_UNREACHABLE' });
  await assert.rejects(http.request({ url: 'http://rebind.test/' }), FORBIDDEN);
  assert.deepEqual(dialled, [PUBLIC]);
});

test('a socket that is connected elsewhere than was resolved is closed before a byte is sent', async (t) => {
  const received = signalled<number>();
  const target = await serveTcp(t, (socket) => {
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.on('close', () => received.resolve(bytes));
  });
  const http = guardedHttp(t, [], {
    lookup: lookupOf([PUBLIC]),
    // The guard's resolution says public; what is dialled is loopback.
    buildConnector: (options) =>
      buildConnector({
        ...options,
        lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
      }),
  });
  await assert.rejects(http.request({ url: `http://rebind.test:${target.port}/` }), FORBIDDEN);
  assert.equal(await received.promise, 0);
});

test('the server’s own public address is refused as a literal and behind a name, from the moment it is known', async (t) => {
  const dialled: string[] = [];
  let own: string[] = [];
  const deps = { lookup: lookupOf([PUBLIC]), buildConnector: dialNothing(dialled), ownAddresses: () => own };
  const http = guardedHttp(t, [], deps);
  await assert.rejects(http.request({ url: 'http://self.test/' }), { code: 'HTTP_UNREACHABLE' });
  own = [PUBLIC, 'db.example.com'];
  await assert.rejects(http.request({ url: 'http://self.test/' }), FORBIDDEN);
  await assert.rejects(http.request({ url: `http://${PUBLIC}/` }), FORBIDDEN);
  await assert.rejects(http.request({ url: 'http://db.example.com/' }), FORBIDDEN);
  assert.equal(http.checkUrl(`http://${PUBLIC}/`)?.code, 'ADDRESS_FORBIDDEN');
  assert.deepEqual(dialled, [PUBLIC]);
});

test('an exempt pair may be a name; the same name on another port stays refused', async (t) => {
  const target = await serveHttp(t, (_req, res) => res.end('demo'));
  const lookup = lookupOf(['127.0.0.1']);
  const http = guardedHttp(t, [`demo.test:${target.port}`], { lookup });
  assert.equal((await http.request({ url: `http://demo.test:${target.port}/` })).text, 'demo');
  await assert.rejects(http.request({ url: `http://demo.test:${target.port + 1}/` }), FORBIDDEN);
  await assert.rejects(http.request({ url: `http://other.test:${target.port}/` }), FORBIDDEN);
});

test('a name without addresses is unreachable', async (t) => {
  const http = guardedHttp(t, [], { lookup: lookupOf([]) });
  await assert.rejects(http.request({ url: 'http://nowhere.test/' }), {
    code: 'HTTP_UNREACHABLE',
    message: 'no complete answer (ENOTFOUND)',
  });
});
