import { createClient } from './api/client';
import { type Api, createApi } from './api/endpoints';
import { createSession, type Session } from './api/session';
import { createTransport, type Transport } from './api/transport';
import { type Server, serverFor } from './config';
import { createI18n, type I18n } from './lib/i18n';
import { createServerClock, type ServerClock } from './lib/server-clock';
import { setTimer } from './lib/timer';
import { createWx } from './lib/wx';
import type { SocketTarget, Wx } from './lib/wx-port';
import { createSocket, type Socket } from './realtime/socket';

export interface Services {
  wx: Wx;
  i18n: I18n;
  session: Session;
  api: Api;
  socket: Socket;
  /** For countdowns and ages. What waits, waits by the phone's clock. */
  clock: ServerClock;
}

/** Makes and joins the parts. Connects to nothing yet: each part does so at first need. */
export function createServices(wx: Wx): Services {
  const i18n = createI18n(wx);
  const server = serverFor(wx.envVersion());
  if (server.kind === 'container') wx.initCloud(server.env);
  const say = i18n.t;
  const headers = () => ({ 'Accept-Language': i18n.language() });
  const clock = createServerClock(Date.now);
  const transport = datedTransport(createTransport(server, wx, say), clock);
  const session = createSession({ wx, transport, headers, say, now: Date.now });
  const client = createClient({ transport, session, headers, say, random: Math.random });
  const socket = createSocket({
    wx,
    target: socketTarget(server),
    session,
    clock,
    now: Date.now,
    setTimer,
    random: Math.random,
  });
  return { wx, i18n, session, api: createApi(client), socket, clock };
}

/** Answers are dated to the second: less exact than frames, but there without a socket. */
function datedTransport(send: Transport, clock: Pick<ServerClock, 'heard'>): Transport {
  return async (message) => {
    const answer = await send(message);
    clock.heard(Date.parse(answer.headers.date ?? ''));
    return answer;
  };
}

function socketTarget(server: Server): SocketTarget | null {
  if (server.kind === 'http') return { url: server.socketUrl };
  if (server.kind === 'container') return { env: server.env, service: server.service, path: '/api/realtime' };
  return null;
}

/** The one set that all pages share. */
export const services = createServices(createWx());
