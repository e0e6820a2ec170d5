import { clearAppStorage } from './wx/storage.ts';

export type Theme = 'light' | 'dark';
export type ThemeChoice = Theme | 'system';
export type Language = 'zh_CN' | 'en';

export type Settings = ReturnType<typeof createSettings>;
/** `window.preview` in the phone's page: for the frame around the phone, and for tests. */
export type PreviewControl = Settings['control'];

const PREFIX = 'preview:';

/**
 * What the toolbar changes: the phone's theme, language and network, whether the app is in front, and who the person
 * is. Kept in the browser's storage where it should outlive a reload; the app's own storage is beside it (wx/storage.ts).
 */
export function createSettings() {
  const systemDark = matchMedia('(prefers-color-scheme: dark)');
  const themeChoice = () => read('theme', 'system') as ThemeChoice;
  const wantedTheme = (): Theme => {
    const choice = themeChoice();
    return choice === 'system' ? (systemDark.matches ? 'dark' : 'light') : choice;
  };
  const theme = createSignal(wantedTheme());
  const online = createSignal(true);
  const background = createSignal(false);
  systemDark.addEventListener('change', () => theme.set(wantedTheme()));

  const control = {
    state: () => ({
      theme: themeChoice(),
      language: read('language', 'zh_CN') as Language,
      /** The sandbox's name of the person; `wx.login` gives the code for it. */
      user: read('user', 'demo'),
      online: online.get(),
      background: background.get(),
    }),
    setTheme(choice: ThemeChoice) {
      write('theme', choice);
      theme.set(wantedTheme());
    },
    /** Starts the app anew: a phone's language changes nothing that runs. */
    setLanguage(language: Language) {
      write('language', language);
      location.reload();
    },
    /** Forgets what the app has kept and starts it anew as another person. */
    setUser(name: string) {
      clearAppStorage();
      write('user', name);
      history.replaceState(null, '', location.pathname);
      location.reload();
    },
    setOnline: online.set,
    setBackground: background.set,
  };
  return { theme, online, background, control };
}

/** A value that tells its listeners when it becomes another. */
function createSignal<V>(initial: V) {
  let value = initial;
  const listeners = new Set<(value: V) => void>();
  return {
    get: () => value,
    set(next: V): void {
      if (next === value) return;
      value = next;
      for (const listener of listeners) listener(next);
    },
    /** Answers a function that ends the listening. */
    listen(listener: (value: V) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function read(name: string, otherwise: string): string {
  return localStorage.getItem(PREFIX + name) ?? otherwise;
}

function write(name: string, value: string): void {
  localStorage.setItem(PREFIX + name, value);
}
