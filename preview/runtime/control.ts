import type { Language, Settings, ThemeChoice } from './settings.ts';
import { clearAppStorage } from './wx/storage.ts';

/** What the frame around the phone, and tests, may do to it: `window.preview` in the phone's page. */
export interface PreviewControl {
  state(): { theme: ThemeChoice; language: Language; user: string; online: boolean; background: boolean };
  setTheme(theme: ThemeChoice): void;
  /** Starts the app anew: a phone's language changes nothing that runs. */
  setLanguage(language: Language): void;
  /** Forgets what the app has kept and starts it anew as another person. */
  setUser(name: string): void;
  setOnline(online: boolean): void;
  setBackground(background: boolean): void;
}

export function createControl(settings: Settings, restart: () => void): PreviewControl {
  return {
    state: () => ({
      theme: settings.themeChoice(),
      language: settings.language(),
      user: settings.user(),
      online: settings.isOnline(),
      background: settings.isBackground(),
    }),
    setTheme: (theme) => settings.chooseTheme(theme),
    setLanguage(language) {
      settings.chooseLanguage(language);
      restart();
    },
    setUser(name) {
      clearAppStorage();
      settings.chooseUser(name);
      history.replaceState(null, '', location.pathname);
      restart();
    },
    setOnline: (online) => settings.setOnline(online),
    setBackground: (background) => settings.setBackground(background),
  };
}
