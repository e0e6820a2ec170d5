const PREFIX = 'app:';

/** The app's own storage, in the browser's and apart from the preview's settings. Values are JSON, as on the phone. */
export const storage = {
  getStorageSync(key: string): unknown {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? '' : (JSON.parse(text) as { value: unknown }).value;
  },
  setStorageSync(key: string, value: unknown): void {
    localStorage.setItem(PREFIX + key, JSON.stringify({ value }));
  },
  removeStorageSync(key: string): void {
    localStorage.removeItem(PREFIX + key);
  },
};

/** Another person takes the phone. */
export function clearAppStorage(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}
