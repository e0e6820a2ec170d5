/** Around the cards: segments, banner, face and foot of the list's page. Pure. */
import { countText } from '../lib/format';
import { dateTimeText } from '../lib/format-time';
import { type Language, type StringKey, translate, type Vars } from '../lib/i18n';
import type { FeedState } from './task-feed';
import { SEGMENTS, type Segment } from './task-list';

/** What a tap on the action of a face or banner does. */
export type PageAct = 'refresh' | 'showAll' | 'clearSearch' | 'signIn';

export interface TaskPageView {
  segments: { key: Segment; name: string; count: string; on: boolean; label: string }[];
  /** Empty text: no banner. */
  banner: { text: string; action: string };
  /** Signed out is no failure, and drawn as `empty`. */
  face: { kind: FeedState['face']; title: string; text: string; action: string; act: PageAct };
  foot: { text: string; retry: boolean };
}

const NAMES: Record<Segment, StringKey> = {
  all: 'tasks.segmentAll',
  running: 'tasks.segmentRunning',
  troubled: 'tasks.segmentTroubled',
  paused: 'tasks.segmentPaused',
};
const EMPTY: Record<Segment, StringKey> = {
  all: 'tasks.emptyTitle',
  running: 'tasks.emptyRunning',
  troubled: 'tasks.emptyTroubled',
  paused: 'tasks.emptyPaused',
};
/** Below this many, the end of the list is in sight without a word. */
const FOOT_FROM = 6;

export function taskPage(state: FeedState, nowAt: number, language: Language): TaskPageView {
  const say = (key: StringKey, vars?: Vars) => translate(language, key, vars);
  const { list } = state;
  return {
    segments: SEGMENTS.map((key) => {
      const name = say(NAMES[key]);
      const count = list.counts === null ? '' : countText(list.counts[key]);
      return {
        key,
        name,
        count,
        on: key === list.segment,
        label: say('tasks.segmentLabel', { name, count }),
      };
    }),
    banner: bannerOf(state, nowAt, language, say),
    face: faceOf(state, say),
    foot: footOf(state, say),
  };
}

type Say = (key: StringKey, vars?: Vars) => string;

function bannerOf(
  { error, keptAt, stale, face }: FeedState,
  nowAt: number,
  language: Language,
  say: Say,
): TaskPageView['banner'] {
  if (face === 'error') return { text: '', action: '' };
  if (error !== null) {
    const action = say('common.retry');
    const kept =
      keptAt === null ? null : say('tasks.keptList', { at: dateTimeText(keptAt, nowAt, language) });
    if (error.code !== 'NETWORK')
      return { text: say('tasks.notRefreshed', { reason: error.message }), action };
    return { text: kept === null ? say('common.offline') : say('tasks.offlineKept', { kept }), action };
  }
  return { text: stale ? say('common.reconnecting') : '', action: '' };
}

function faceOf({ face, error, list }: FeedState, say: Say): TaskPageView['face'] {
  const plain = { kind: face, title: '', text: '', action: '', act: 'refresh' } as const;
  if (face === 'error' && error?.code === 'SIGNED_OUT') {
    return { ...plain, kind: 'empty', title: say('me.loggedOut'), action: say('me.login'), act: 'signIn' };
  }
  if (face === 'error') {
    return {
      ...plain,
      title: say('tasks.errorTitle'),
      text: error?.message ?? '',
      action: say('common.retry'),
    };
  }
  if (face !== 'empty') return plain;
  if (list.q !== '') {
    const title = say('tasks.emptySearch', { q: list.q });
    return { ...plain, title, action: say('tasks.clearSearch'), act: 'clearSearch' };
  }
  const title = say(EMPTY[list.segment]);
  if (list.segment !== 'all') return { ...plain, title, action: say('tasks.showAll'), act: 'showAll' };
  return { ...plain, title, text: say('tasks.emptyText'), action: say('tasks.refresh') };
}

function footOf({ face, list, loadingMore, moreFailed }: FeedState, say: Say): TaskPageView['foot'] {
  if (face !== 'content') return { text: '', retry: false };
  if (moreFailed) return { text: say('tasks.moreFailed'), retry: true };
  if (loadingMore) return { text: say('common.loading'), retry: false };
  const atEnd = list.nextCursor === null && list.ids.length >= FOOT_FROM;
  return { text: atEnd ? say('tasks.end', { count: countText(list.ids.length) }) : '', retry: false };
}
