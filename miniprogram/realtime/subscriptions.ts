/** Which topics are listened to, and how far each has been told. Decides what a frame means; sends nothing itself. */
import type { Frame, ServerPayloads, Snapshot, Topic, TopicPosition } from '../../shared/realtime';

/** What a listener of a topic is told. */
export type TopicMessage =
  /** The whole, as it stands. `reset`: it was told before, and what came between is not known. */
  | { kind: 'snapshot'; snapshot: Snapshot; reset: boolean }
  /** The next change: none missing, none twice. */
  | { kind: 'event'; frame: Frame }
  /** Best effort (`run.progress`, `run.log`): may be missing. */
  | { kind: 'live'; frame: Frame }
  /** Nothing more comes: no such thing, or no access to it any more. */
  | { kind: 'gone'; code: string };

export type TopicListener = (message: TopicMessage) => void;

interface Entry {
  listeners: Set<TopicListener>;
  /** Null before the first answer. */
  position: TopicPosition | null;
  /**
   * `due`: the server must be asked. `asked`: the answer is on its way. `later`: it could not answer now. `told`: what
   * comes is the next change.
   */
  phase: 'due' | 'asked' | 'later' | 'told';
  /** Of the subscribe that is under way. */
  requestId: string;
  /** Somebody has had a snapshot. */
  told: boolean;
}

export interface SubscribeTopic {
  topic: Topic;
  after: TopicPosition | null;
}

/** What has to be done after a frame. */
export type Reaction = 'nothing' | 'ask' | 'askLater';

export interface Subscriptions {
  /** A listener that joins others makes the topic due again: it needs a snapshot too. */
  add(topic: Topic, listener: TopicListener): void;
  /** True: nobody listens any more. */
  remove(topic: Topic, listener: TopicListener): boolean;
  size(): number;
  /** Takes up to `most` topics that are due, as asked for in subscribe `id`. */
  takeDue(id: string, most: number): SubscribeTopic[];
  /** `all`: the connection is new. `later`: the wait after a refusal is over. */
  askAgain(which: 'all' | 'later'): void;
  /** Tells the listeners. Frames that are not understood, and those of topics nobody listens to, are ignored. */
  receive(frame: Frame): Reaction;
  /** Another user: what was told belongs to somebody else. */
  forgetPositions(): void;
}

/** Codes that pass; every other one is about this topic and this person. */
const PASSING = new Set(['STORE_UNAVAILABLE', 'SHUTTING_DOWN', 'INTERNAL', 'RATE_LIMITED']);

export function createSubscriptions(): Subscriptions {
  const entries = new Map<Topic, Entry>();

  function answered(
    { topic, epoch, seq, snapshot }: Partial<ServerPayloads['subscribed']>,
    reset: boolean,
  ): void {
    const entry = entries.get(topic ?? '');
    if (entry === undefined || typeof epoch !== 'string' || typeof seq !== 'number') return;
    if (snapshot !== undefined && snapshot !== null) {
      entry.phase = 'told';
      entry.position = { epoch, seq };
      const first = !entry.told;
      entry.told = true;
      tell(entry, { kind: 'snapshot', snapshot, reset: reset || !first });
    } else if (entry.position !== null) {
      // Resumed: what was missed comes as events, before or after this frame, so the position waits for them.
      entry.phase = 'told';
    }
  }

  function event(frame: Frame, topic: Topic, seq: number): Reaction {
    const entry = entries.get(topic);
    if (entry === undefined || entry.position === null || seq <= entry.position.seq) return 'nothing';
    if (seq > entry.position.seq + 1) {
      if (entry.phase !== 'told') return 'nothing'; // Asked already: it comes again, in order.
      entry.phase = 'due';
      return 'ask';
    }
    entry.position = { ...entry.position, seq };
    tell(entry, { kind: 'event', frame });
    return 'nothing';
  }

  function ended(topic: Topic, code: string): Reaction {
    const entry = entries.get(topic);
    if (entry === undefined) return 'nothing';
    entries.delete(topic);
    tell(entry, { kind: 'gone', code });
    return 'nothing';
  }

  function refused({ id, topic, code }: Partial<ServerPayloads['error']>): Reaction {
    const passing = code === undefined || PASSING.has(code);
    if (topic !== undefined && !passing) return ended(topic, code);
    // Without a topic the whole subscribe was refused.
    const meant = [...entries].filter(([name, { requestId }]) =>
      topic === undefined ? requestId === id : name === topic,
    );
    for (const [, entry] of meant) entry.phase = 'later';
    return meant.length === 0 ? 'nothing' : 'askLater';
  }

  return {
    add(topic, listener) {
      const entry = entries.get(topic);
      if (entry === undefined) {
        const listeners = new Set([listener]);
        entries.set(topic, { listeners, position: null, phase: 'due', requestId: '', told: false });
        return;
      }
      entry.listeners.add(listener);
      if (entry.position === null) return; // A snapshot is on its way for all.
      entry.position = null;
      entry.phase = 'due';
    },
    remove(topic, listener) {
      const entry = entries.get(topic);
      if (entry === undefined || !entry.listeners.delete(listener) || entry.listeners.size > 0) return false;
      return entries.delete(topic);
    },
    size: () => entries.size,
    takeDue(id, most) {
      const due = [...entries].filter(([, { phase }]) => phase === 'due').slice(0, most);
      for (const [, entry] of due) {
        entry.phase = 'asked';
        entry.requestId = id;
      }
      return due.map(([topic, { position }]) => ({ topic, after: position }));
    },
    askAgain(which) {
      for (const entry of entries.values())
        if (which === 'all' || entry.phase === 'later') entry.phase = 'due';
    },
    receive(frame) {
      const payload = (frame.payload ?? {}) as Record<string, never>;
      switch (frame.type) {
        case 'subscribed':
        case 'reset':
          answered(payload, frame.type === 'reset');
          return 'nothing';
        case 'unsubscribed':
          // Without a code it answers our own wish, and the topic may be listened to again by now.
          return payload.code === undefined ? 'nothing' : ended(payload.topic ?? '', payload.code);
        case 'error':
          return refused(payload);
      }
      const { topic, seq } = frame;
      if (typeof topic !== 'string') return 'nothing';
      if (typeof seq === 'number') return event(frame, topic, seq);
      const entry = entries.get(topic);
      if (entry?.phase === 'told') tell(entry, { kind: 'live', frame });
      return 'nothing';
    },
    forgetPositions() {
      for (const entry of entries.values()) entry.position = null;
    },
  };
}

function tell(entry: Entry, message: TopicMessage): void {
  for (const listener of [...entry.listeners]) {
    try {
      listener(message);
    } catch (error) {
      // A page that fails must not keep the others from hearing.
      console.error(error);
    }
  }
}
