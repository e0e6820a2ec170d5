import type { I18n, StringKey } from './i18n';
import type { Wx } from './wx-port';

/** app.json names tabs and titles in one language: each tab page says them anew when it is shown. */
export function showTabWords(
  wx: Pick<Wx, 'setTabText' | 'setTitle'>,
  i18n: Pick<I18n, 't'>,
  title: StringKey,
): void {
  wx.setTabText(0, i18n.t('me.tabTasks'));
  wx.setTabText(1, i18n.t('me.tabMe'));
  wx.setTitle(i18n.t(title));
}
