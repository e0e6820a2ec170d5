import type { Settings } from '../settings.ts';
import { type Callbacks, wxCall } from './wx-call.ts';

/** The code of a connection that broke off. */
const ABNORMAL = 1006;

interface SocketOptions extends Callbacks {
  url: string;
  protocols?: string[];
}

type Listeners = {
  open: (() => void)[];
  message: ((event: { data: unknown }) => void)[];
  error: ((event: { errMsg: string }) => void)[];
  close: ((event: { code: number; reason: string }) => void)[];
};

/** `wx.connectSocket`. Going offline breaks every connection off, as losing the signal does. */
export function createConnectSocket(settings: Settings) {
  return (options: SocketOptions) => {
    void wxCall('connectSocket', () => undefined)(options);
    const listeners: Listeners = { open: [], message: [], error: [], close: [] };
    const socket = settings.isOnline() ? new WebSocket(options.url, options.protocols) : null;
    let isClosed = false;
    const close = (code: number, reason: string) => {
      if (isClosed) return;
      isClosed = true;
      stopListening();
      for (const listener of listeners.close) listener({ code, reason });
    };
    const breakOff = () => {
      if (isClosed) return;
      for (const listener of listeners.error) listener({ errMsg: 'net::ERR_INTERNET_DISCONNECTED' });
      close(ABNORMAL, '');
      socket?.close();
    };
    const stopListening = settings.onOnline((online) => {
      if (!online) breakOff();
    });
    // Later, when the caller has set its listeners.
    if (socket === null) queueMicrotask(breakOff);
    else follow(socket, listeners, close);

    return {
      onOpen: (listener: Listeners['open'][number]) => void listeners.open.push(listener),
      onMessage: (listener: Listeners['message'][number]) => void listeners.message.push(listener),
      onError: (listener: Listeners['error'][number]) => void listeners.error.push(listener),
      onClose: (listener: Listeners['close'][number]) => void listeners.close.push(listener),
      send: wxCall('sendSocketMessage', ({ data }: { data: string }) => {
        if (socket?.readyState !== WebSocket.OPEN) throw new Error('WebSocket is not connected');
        socket.send(data);
      }),
      close: wxCall('closeSocket', ({ code = 1000, reason = '' }: { code?: number; reason?: string }) =>
        socket?.close(code, reason),
      ),
    };
  };
}

function follow(
  socket: WebSocket,
  listeners: Listeners,
  close: (code: number, reason: string) => void,
): void {
  socket.addEventListener('open', () => {
    for (const listener of listeners.open) listener();
  });
  socket.addEventListener('message', ({ data }) => {
    for (const listener of listeners.message) listener({ data });
  });
  socket.addEventListener('error', () => {
    for (const listener of listeners.error) listener({ errMsg: 'WebSocket error' });
  });
  socket.addEventListener('close', ({ code, reason }) => close(code, reason));
}
