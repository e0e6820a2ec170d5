/** Profiles, one document per user. */
import type { MePatch, User } from '../../shared/api.ts';
import type { JsonValue } from '../../shared/task.ts';
import type { Clock } from '../lib/clock.ts';
import { StoreUnavailableError } from '../store/status.ts';
import type { WechatIdentity } from '../wechat/code-exchange.ts';
import { CAS_TRIES, type Documents } from './documents.ts';

interface Profile {
  name: string;
  locale: 'zh-CN' | 'en';
  quietHours: User['quietHours'];
  createdAt: number;
  /** To whom messages are sent; never answered. */
  openid: string;
  unionid: string | null;
}

export interface Users {
  /** The user of this identity, made when there is none. */
  ensure(userId: string, identity: WechatIdentity, locale: User['locale']): Promise<User>;
  get(userId: string): Promise<User | null>;
  /** Null: there is no such user. */
  patch(userId: string, patch: MePatch): Promise<User | null>;
  remove(userId: string): Promise<void>;
  /** What the user may do at this moment. */
  attrsOf(userId: string): string[];
}

const KEY = ['user', 'self'] as const;

const unnamed = (userId: string, locale: User['locale']) =>
  `${locale === 'en' ? 'User ' : '用户'}${userId.slice(-4)}`;

/** `operatorIds`: user ids that carry `role:operator`. `ownedKinds`: further kinds of documents that go with a user. */
export function createUsers(deps: {
  documents: Documents;
  clock: Clock;
  operatorIds: ReadonlySet<string>;
  ownedKinds: string[];
}): Users {
  const { documents, clock, operatorIds, ownedKinds } = deps;
  const attrsOf = (userId: string) =>
    operatorIds.has(userId) ? ['role:member', 'role:operator'] : ['role:member'];
  const toUser = (userId: string, value: JsonValue): User => {
    const { name, locale, quietHours, createdAt } = value as unknown as Profile;
    return { id: userId, name, locale, attrs: attrsOf(userId), quietHours, createdAt };
  };
  const read = (userId: string) => documents.getDocument(userId, ...KEY);
  const write = (userId: string, profile: Profile, ifVersion: number) =>
    documents.putDocument(userId, ...KEY, profile as unknown as JsonValue, { ifVersion });

  return {
    attrsOf,
    async ensure(userId, identity, locale) {
      const { openid, unionid = null, name = unnamed(userId, locale) } = identity;
      const fresh = { name, locale, quietHours: null, createdAt: clock.now(), openid, unionid };
      for (let tries = 0; tries < CAS_TRIES; tries++) {
        const record = (await read(userId)) ?? (await write(userId, fresh, 0));
        if (record !== null) return toUser(userId, record.value);
      }
      throw new StoreUnavailableError('a profile kept moving while it was being made');
    },
    async get(userId) {
      const record = await read(userId);
      return record === null ? null : toUser(userId, record.value);
    },
    async patch(userId, patch) {
      for (let tries = 0; tries < CAS_TRIES; tries++) {
        const record = await read(userId);
        if (record === null) return null;
        const next = { ...(record.value as unknown as Profile), ...patch };
        const put = await write(userId, next, record.version);
        if (put !== null) return toUser(userId, put.value);
      }
      throw new StoreUnavailableError('a profile kept moving while it was being changed');
    },
    async remove(userId) {
      for (const kind of ownedKinds) await removeKind(documents, userId, kind);
      await documents.deleteDocument(userId, ...KEY);
    },
  };
}

async function removeKind(documents: Documents, userId: string, kind: string): Promise<void> {
  for (;;) {
    const kept = await documents.listDocuments(userId, kind, { limit: 100 });
    if (kept.length === 0) return;
    await Promise.all(kept.map(({ id }) => documents.deleteDocument(userId, kind, id)));
  }
}
