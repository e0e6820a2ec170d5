import type { Settings } from '../settings.ts';
import { type Callbacks, wxCall } from './wx-call.ts';

interface SocketOptions extends Callbacks {
  url: string;
}

/** `wx.connectSocket`. Going offline breaks every connection off, as losing the signal does. */
export function createConnectSocket(online: Settings['online']) {
  return (options: SocketOptions) => {
    void wxCall('connectSocket', () => undefined)(options);
    const socket = online.get() ? new WebSocket(options.url) : null;
    const events: EventTarget = socket ?? new EventTarget();
    const breakOff = () => {
      events.dispatchEvent(new Event('error'));
      // The code of a connection that broke off.
      events.dispatchEvent(new CloseEvent('close', { code: 1006 }));
      socket?.close();
    };
    events.addEventListener('close', online.listen(breakOff), { once: true });
    // Later, when the caller has set its listeners.
    if (socket === null) queueMicrotask(breakOff);

    // The browser's events have the fields of WeChat's: data, code and reason.
    const on = (name: string) => (listener: (event: Event) => void) =>
      events.addEventListener(name, listener);
    // After breaking off the browser tells of the end itself, a second time.
    const once = (name: string) => (listener: (event: Event) => void) =>
      events.addEventListener(name, listener, { once: true });
    return {
      onOpen: on('open'),
      onMessage: on('message'),
      onError: once('error'),
      onClose: once('close'),
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
