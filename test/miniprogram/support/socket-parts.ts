import { createSocket } from '../../../miniprogram/realtime/socket.ts';
import type { TopicMessage } from '../../../miniprogram/realtime/subscriptions.ts';
import { createFakeWx, type FakeSocket } from './fake-wx.ts';
import { SERVER, signInParts } from './sign-in.ts';

/** A socket, the phone and the sign-in around it. `random` 0 makes every wait the shortest, half a second. */
export function socketParts(random: () => number = () => 0) {
  const wx = createFakeWx();
  const parts = signInParts(wx);
  const { time, session } = parts;
  const dated: number[] = [];
  const socket = createSocket({
    wx,
    target: { url: SERVER.socketUrl },
    session,
    clock: { heard: (sentAt) => dated.push(sentAt) },
    now: time.now,
    setTimer: time.setTimer,
    random,
  });
  const last = (): FakeSocket => wx.sockets.at(-1)!;

  return {
    ...parts,
    socket,
    /** When frames that came were sent. */
    dated,
    last,
    /** Listens, and keeps what it is told. */
    hear(topic: string) {
      const heard: TopicMessage[] = [];
      const stop = socket.subscribe(topic, (message) => heard.push(message));
      return { heard, stop };
    },
    /** The newest connection opens and authenticates. */
    async ready(heartbeatMs = 25_000) {
      await time.pass(0);
      last().open();
      last().receive({ type: 'ready', payload: { userId: 'u1', heartbeatMs }, timestamp: 0 });
      await time.pass(0);
    },
    /** Frames of a type that the newest connection was sent. */
    sent: (type: string) =>
      last()
        .sent.filter((frame) => frame.type === type)
        .map(({ payload }) => payload),
    /** Answers the newest subscribe for a topic. */
    answer(topic: string, seq: number, more: { snapshot?: unknown; type?: string; epoch?: string } = {}) {
      const { type = 'subscribed', epoch = 'e', snapshot } = more;
      const asks = last().sent.filter((frame) => frame.type === 'subscribe');
      const id = asks.at(-1)?.payload.id;
      last().receive({ type, payload: { id, topic, epoch, seq, snapshot }, timestamp: 0 });
    },
    event(topic: string, seq: number, type = 'run.started') {
      last().receive({ type, topic, seq, payload: { taskId: 't', at: seq }, timestamp: 0 });
    },
  };
}

/** What was heard, in short: `snapshot 5`, `reset 5`, `event 6`, `live run.log`, `gone CODE`. Snapshots here are numbers. */
export function brief(heard: TopicMessage[]): string[] {
  return heard.map((message) => {
    if (message.kind === 'snapshot')
      return `${message.reset ? 'reset' : 'snapshot'} ${String(message.snapshot)}`;
    if (message.kind === 'event') return `event ${message.frame.seq}`;
    if (message.kind === 'live') return `live ${message.frame.type}`;
    return `gone ${message.code}`;
  });
}
