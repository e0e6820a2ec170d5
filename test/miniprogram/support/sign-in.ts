import { createSession } from '../../../miniprogram/api/session.ts';
import { createTransport } from '../../../miniprogram/api/transport.ts';
import { type StringKey, translate, type Vars } from '../../../miniprogram/lib/i18n.ts';
import { createFakeServer } from './fake-server.ts';
import { createFakeTime } from './fake-time.ts';
import { createFakeWx, type FakeWx } from './fake-wx.ts';

export const say = (key: StringKey, vars?: Vars) => translate('en', key, vars);
export const SERVER = {
  kind: 'http',
  baseUrl: 'http://server.test',
  socketUrl: 'ws://server.test/api/realtime',
} as const;

/** A phone, a server and the session between them. `wx` may be one that was used before: its storage lives on. */
export function signInParts(wx: FakeWx = createFakeWx()) {
  const server = createFakeServer();
  const time = createFakeTime();
  wx.serve = (request) => server.serve(request);
  const transport = createTransport(SERVER, wx, say);
  const headers = () => ({ 'Accept-Language': 'en' });
  const session = createSession({ wx, transport, headers, say, now: time.now });
  return { wx, server, time, transport, headers, session };
}
