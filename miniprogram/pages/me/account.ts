/** What the page "Me" shows and what may be typed there. Pure. */
import type { User } from '../../../shared/api';
import type { I18n, LanguageChoice } from '../../lib/i18n';
import type { EnvVersion } from '../../lib/wx-port';

export interface AccountView {
  signedIn: boolean;
  name: string;
  /** Its first character, for the round mark. */
  initial: string;
  idText: string;
  /** The sandbox exists in development only. */
  sandbox: boolean;
  languages: { choice: LanguageChoice; label: string; picked: boolean }[];
  sandboxName: string;
  nameInvalid: boolean;
  busy: boolean;
}

export interface AccountState {
  user: User | null;
  envVersion: EnvVersion;
  sandboxName: string;
  nameInvalid: boolean;
  /** Something is asked of the server: buttons wait. */
  busy: boolean;
}

/** The page's data. */
export function accountView(state: AccountState, i18n: Pick<I18n, 't' | 'choice'>): AccountView {
  const { user, envVersion, sandboxName, nameInvalid, busy } = state;
  const name = user?.name || i18n.t(user === null ? 'me.notLoggedIn' : 'me.title');
  return {
    signedIn: user !== null,
    name,
    initial: user === null ? '?' : ([...name][0] ?? '?').toUpperCase(),
    idText: user === null ? '' : i18n.t('me.userId', { id: user.id }),
    sandbox: envVersion === 'develop',
    languages: [
      languageItem('system', i18n.t('me.languageSystem'), i18n.choice()),
      languageItem('zh-CN', i18n.t('me.languageZh'), i18n.choice()),
      languageItem('en', i18n.t('me.languageEn'), i18n.choice()),
    ],
    sandboxName,
    nameInvalid,
    busy,
  };
}

/** The login code of a sandbox user; null for a name that the sandbox would not take. */
export function sandboxCode(name: string): string | null {
  const trimmed = name.trim();
  return /^[A-Za-z0-9_\u4e00-\u9fa5-]{1,32}$/.test(trimmed) ? `sandbox:${trimmed}` : null;
}

function languageItem(choice: LanguageChoice, label: string, current: LanguageChoice) {
  return { choice, label, picked: choice === current };
}
