/** The toolbar beside the phone. The phone is a page of its own (phone.html) and works without this one. */
import type { Language, PreviewControl, ThemeChoice } from '../runtime/settings.ts';

const toolbar = document.querySelector('form') as HTMLFormElement;
const phone = document.querySelector('iframe') as HTMLIFrameElement;
const clock = document.querySelector('#clock') as HTMLElement;

const field = (name: string) => toolbar.elements.namedItem(name) as HTMLInputElement;
const phoneWindow = () => phone.contentWindow as (Window & { preview?: PreviewControl }) | null;

toolbar.addEventListener('change', ({ target }) => {
  const control = phoneWindow()?.preview;
  if (target === field('theme')) control?.setTheme(field('theme').value as ThemeChoice);
  if (target === field('language')) control?.setLanguage(field('language').value as Language);
  if (target === field('offline')) control?.setOnline(!field('offline').checked);
  if (target === field('background')) control?.setBackground(field('background').checked);
});

toolbar.addEventListener('submit', (event) => {
  event.preventDefault();
  phoneWindow()?.preview?.setUser(field('user').value);
});

// After each start of the phone: the network is back and the app in front, whatever was chosen before.
phone.addEventListener('load', () => {
  const state = phoneWindow()?.preview?.state();
  if (state === undefined) return;
  for (const name of ['theme', 'language', 'user'] as const) field(name).value = state[name];
  field('offline').checked = !state.online;
  field('background').checked = state.background;
});

/** The address shows the page that the phone shows, so that it can be kept and reloaded. */
function followPhone(): void {
  const hash = phoneWindow()?.location.hash ?? '';
  if (hash !== '' && hash !== location.hash) history.replaceState(null, '', hash);
  clock.textContent = new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit' });
}

phone.src = `phone.html${location.hash}`;
addEventListener('hashchange', () => phoneWindow()?.location.replace(`phone.html${location.hash}`));
setInterval(followPhone, 500);
followPhone();
