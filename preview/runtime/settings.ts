/**
 * What the toolbar changes: the phone's theme, language and network, whether the app is in front, and who the person
 * is. Kept in the browser's storage where it should outlive a reload; the app's own storage is beside it (wx/storage.ts).
 */

export type Theme = 'light' | 'dark';
export type ThemeChoice = Theme | 'system';
export type Language = 'zh_CN' | 'en';

type Listener<V> = (value: V) => void;

export interface Settings {
  theme(): Theme;
  themeChoice(): ThemeChoice;
  chooseTheme(choice: ThemeChoice): void;
  onTheme(listener: Listener<Theme>): void;
  language(): Language;
  chooseLanguage(language: Language): void;
  /** The sandbox's name of the person; `wx.login` gives the code for it. */
  user(): string;
  chooseUser(name: string): void;
  isOnline(): boolean;
  setOnline(online: boolean): void;
  /** Answers a function that ends the listening. */
  onOnline(listener: Listener<boolean>): () => void;
  isBackground(): boolean;
  setBackground(background: boolean): void;
  onBackground(listener: Listener<boolean>): void;
}

const PREFIX = 'preview:';

export function createSettings(): Settings {
  const systemDark = matchMedia('(prefers-color-scheme: dark)');
  const themeListeners: Listener<Theme>[] = [];
  let shownTheme: Theme | null = null;

  const themeChoice = () => (read('theme') ?? 'system') as ThemeChoice;
  const theme = (): Theme => {
    const choice = themeChoice();
    return choice === 'system' ? (systemDark.matches ? 'dark' : 'light') : choice;
  };
  const showTheme = () => {
    if (shownTheme === theme()) return;
    shownTheme = theme();
    // What `@media (prefers-color-scheme)` became in the build asks for this.
    document.documentElement.dataset.theme = shownTheme;
    document.documentElement.style.colorScheme = shownTheme;
    for (const listener of themeListeners) listener(shownTheme);
  };
  systemDark.addEventListener('change', showTheme);
  showTheme();

  const online = createSwitch(true);
  const background = createSwitch(false);
  return {
    theme,
    themeChoice,
    chooseTheme(choice) {
      write('theme', choice);
      showTheme();
    },
    onTheme: (listener) => void themeListeners.push(listener),
    language: () => (read('language') ?? 'zh_CN') as Language,
    chooseLanguage: (language) => write('language', language),
    user: () => read('user') ?? 'demo',
    chooseUser: (name) => write('user', name),
    isOnline: online.get,
    setOnline: online.set,
    onOnline: online.listen,
    isBackground: background.get,
    setBackground: background.set,
    onBackground: background.listen,
  };
}

function createSwitch(initial: boolean) {
  let value = initial;
  const listeners = new Set<Listener<boolean>>();
  return {
    get: () => value,
    set(next: boolean) {
      if (next === value) return;
      value = next;
      for (const listener of listeners) listener(next);
    },
    listen(listener: Listener<boolean>) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function read(name: string): string | null {
  return localStorage.getItem(PREFIX + name);
}

function write(name: string, value: string): void {
  localStorage.setItem(PREFIX + name, value);
}
