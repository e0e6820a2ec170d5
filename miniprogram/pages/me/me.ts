import type { LanguageChoice } from '../../lib/i18n';
import { setChanged } from '../../lib/set-changed';
import { showTabWords } from '../../lib/tab-words';
import { services } from '../../services';
import { type AccountState, accountView, sandboxCode } from './account';

const { wx: phone, i18n, session, api } = services;

const account: AccountState = {
  user: session.user(),
  envVersion: phone.envVersion(),
  sandboxName: '',
  nameInvalid: false,
  busy: false,
};

Page({
  data: { ...accountView(account, i18n), s: i18n.strings('me') },

  account,
  stopHearing: (): void => undefined,

  onLoad() {
    this.stopHearing = session.onChange(() => this.change({ user: session.user() }));
  },

  onShow() {
    showTabWords(phone, i18n, 'me.title');
    this.change({ user: session.user() });
    // Signed out on purpose or unreachable: the page shows what is known.
    void this.ask(async () => session.setUser(await api.me()), true);
  },

  onUnload() {
    this.stopHearing();
  },

  onSandboxName(event: WechatMiniprogram.Input) {
    this.change({ sandboxName: event.detail.value, nameInvalid: false });
  },

  onSwitchUser() {
    const code = sandboxCode(this.account.sandboxName);
    if (code === null) {
      this.change({ nameInvalid: true });
      return;
    }
    void this.ask(async () => {
      await session.login(code);
      this.change({ sandboxName: '' });
    });
  },

  onLogin() {
    void this.ask(() => session.login());
  },

  onLanguage(event: WechatMiniprogram.BaseEvent<Record<string, never>, { choice: LanguageChoice }>) {
    i18n.choose(event.currentTarget.dataset.choice);
    showTabWords(phone, i18n, 'me.title');
    this.change({});
    // The server writes to people in their language too; it hears of it when it can be reached.
    if (session.user() !== null) {
      void this.ask(async () => session.setUser(await api.patchMe({ locale: i18n.language() })), true);
    }
  },

  onLogout() {
    // Over at once on this phone; the server hears of it as soon as it can be reached.
    void session.logout();
    phone.toast(i18n.t('me.loggedOut'));
  },

  onRemove() {
    void this.ask(async () => {
      const sure = await phone.confirm({
        title: i18n.t('me.removeTitle'),
        content: i18n.t('me.removeContent'),
        confirmText: i18n.t('me.removeConfirm'),
        cancelText: i18n.t('common.cancel'),
      });
      if (!sure) return;
      await api.deleteMe();
      session.forget();
      phone.toast(i18n.t('me.removed'));
    });
  },

  change(part: Partial<AccountState>) {
    this.account = { ...this.account, ...part };
    setChanged(this, { ...accountView(this.account, i18n), s: i18n.strings('me') });
  },

  /** One thing at a time; says what went wrong, unless it happens in the background. */
  async ask(work: () => Promise<unknown>, inBackground = false) {
    if (this.account.busy) return;
    if (!inBackground) this.change({ busy: true });
    try {
      await work();
    } catch (error) {
      if (!inBackground) phone.toast((error as Error).message);
    }
    this.change({ busy: inBackground ? this.account.busy : false, user: session.user() });
  },
});
