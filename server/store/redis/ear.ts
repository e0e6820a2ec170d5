/** Which channels of the store are to be heard, and what a message on one of them says to the listener. */
import { PARTITIONS } from '../ids.ts';
import type { StoreListener } from '../requests.ts';
import type { Keys } from './keys.ts';
import { parseLiveNews } from './live-news.ts';
import { parseWake } from './wakes.ts';

/** One partition's channel: its wakes, or what is new in it. */
export interface Channel {
  name: string;
  partition: number;
  isLive: boolean;
}

export interface Ear {
  /** Wakes of all partitions, and what is new in those that are listened to. */
  wanted(): Channel[];
  /** See Store.listen. */
  listen(partitions: readonly number[]): void;
  /** A message has arrived. */
  hear(name: string, text: string): void;
  /** Subscribed to, perhaps anew: what was published before is lost, so the listener is told to look. */
  joined(name: string): void;
  open(listener: StoreListener): void;
}

export function createEar(keys: Keys): Ear {
  const all = Array.from({ length: PARTITIONS }, (_, partition) => [
    { name: keys.wake(partition), partition, isLive: false },
    { name: keys.live(partition), partition, isLive: true },
  ]).flat();
  const byName = new Map<string, Channel>(all.map((channel) => [channel.name, channel]));
  let live = new Set<number>();
  let listener: StoreListener | null = null;

  const isWanted = ({ partition, isLive }: Channel) => !isLive || live.has(partition);

  return {
    wanted: () => all.filter(isWanted),
    listen(partitions) {
      live = new Set(partitions);
    },
    hear(name, text) {
      const channel = byName.get(name);
      if (channel === undefined || !isWanted(channel)) return;
      if (!channel.isLive) {
        const wake = parseWake(text);
        if (wake !== null) listener?.onWake(wake);
        return;
      }
      const news = parseLiveNews(channel.partition, text);
      if (news?.kind === 'events') listener?.onEvents?.(channel.partition);
      else if (news?.kind === 'run_log') listener?.onRunLog?.(news.news);
    },
    joined(name) {
      const channel = byName.get(name);
      if (channel?.isLive && isWanted(channel)) listener?.onEvents?.(channel.partition);
    },
    open(opened) {
      listener = opened;
    },
  };
}
