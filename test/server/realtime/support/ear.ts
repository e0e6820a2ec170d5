/** A listener of the hub without a socket. */
import { type Listener, Subscription } from '../../../../server/realtime/subscription.ts';
import { parseTopic, type TopicName } from '../../../../server/realtime/topics.ts';
import type { SocketFrame } from '../../../helpers/socket-client.ts';

export interface Ear extends Listener {
  /** All that it was told, oldest first. */
  readonly frames: SocketFrame[];
  /** May it be told anything? */
  sure: boolean;
  /** `type` and seq of each frame, as one word. */
  heard(): string[];
}

export function createEar(userId: string): Ear {
  const frames: SocketFrame[] = [];
  const ear: Ear = {
    userId,
    subscriptions: new Map(),
    frames,
    sure: true,
    mayReceive: () => ear.sure,
    send: (frame) => void frames.push(JSON.parse(String(frame)) as SocketFrame),
    heard: () =>
      frames.map(({ type, seq, payload }) => `${type} ${seq ?? payload.seq ?? payload.code ?? ''}`),
  };
  return ear;
}

/** A subscribe of one topic, as the gateway makes it. */
export function subscriptionOf(ear: Ear, wire: string, requestId = 'r'): Subscription {
  return new Subscription(ear, parseTopic(wire, ear.userId) as TopicName, requestId);
}
